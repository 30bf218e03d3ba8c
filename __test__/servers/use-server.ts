import { after, afterEach, before, type TestContext } from 'node:test';
import { type ServerName, whyUnavailable } from './install/installed.mjs';
import type { RunningServer } from './launch.js';

/** For the `skip` option of a suite: why the server cannot run here, or false when it can. With `CI` set it throws instead. */
export function unlessInstallable(name: ServerName): string | false {
  return whyUnavailable(name) ?? false;
}

/**
 * Starts a server before the tests of the suite that calls this, and stops it after them. What the server printed is shown with a test that
 * fails, and kept.
 */
export function useServer<S extends RunningServer>(start: () => Promise<S>): () => S {
  let server: S | undefined;
  let allPassed = true;
  before(async () => {
    server = await start();
  });
  afterEach((context) => {
    const { passed } = context as TestContext & { passed?: boolean };
    if (passed === true || !server) return;
    allPassed = false;
    (context as TestContext).diagnostic(`the server's log, ${server.log()}`);
  });
  after(async () => {
    await server?.stop();
    if (allPassed) server?.forget();
  });
  return () => {
    if (!server) throw new Error('the server is started before the tests, not when they are declared');
    return server;
  };
}
