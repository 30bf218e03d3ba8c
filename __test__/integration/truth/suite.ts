import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import type { ServerName } from '../../servers/install/installed.mjs';
import type { TruthServer } from '../../servers/truth-servers.js';
import { unlessInstallable, useServer } from '../../servers/use-server.js';
import { Checker } from './checker.js';
import { differences } from './comparison.js';
import { copies, MemoryComparison } from './zero-copy.js';

/** What a suite of a truth server works with; there while its tests run. */
export interface TruthSuite {
  readonly server: TruthServer;
  readonly client: FlightSQLClient;
  readonly checker: Checker;
}

/** Declares a suite over a truth server, with a client that is connected to it and a checker beside it. */
export function truthSuite(
  title: string,
  needs: ServerName[],
  start: () => Promise<TruthServer>,
  declare: (suite: TruthSuite) => void,
): void {
  const skip = needs.map(unlessInstallable).find((reason) => reason !== false) ?? false;
  describe(title, { skip }, () => {
    const server = useServer(start);
    let client: FlightSQLClient;
    let checker: Checker;
    before(async () => {
      client = await connect(server().uri);
      checker = await Checker.start();
    });
    after(async () => {
      await client?.close();
      await checker?.[Symbol.asyncDispose]();
    });
    declare({
      get server() {
        return server();
      },
      get client() {
        return client;
      },
      get checker() {
        return checker;
      },
    });
  });
}

/** Declares the comparison of every case that the server has, and of the memory that it takes. */
export function compareEveryCase(suite: TruthSuite): void {
  forEveryCase(suite, 'every value is the one that was sent, as words, in tables, in rows and as IPC', (name) => differences(suite, name));
  const memory = new MemoryComparison();
  forEveryCase(suite, 'no byte of a body is copied again', (name) => copies(suite, name));
  forEveryCase(suite, 'what is handed out is what lies under the table', (name) => memory.failures(suite, name));
}

/** Declares a test for each type that the server has: `failures` says of each of its cases what is wrong. */
export function forEveryCase(suite: TruthSuite, title: string, failures: (name: string) => Promise<string[]>): void {
  test(title, async (context) => {
    for (const [group, names] of groupsOf(Object.keys(suite.server.index.cases))) {
      await context.test(group, async () => {
        const found: string[] = [];
        for (const name of names) found.push(...(await failures(name)));
        assert.equal(found.length, 0, found.join('\n\n'));
      });
    }
  });
}

/** Cases called `TYPE / FORM`, by their type. */
function groupsOf(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [group = name] = name.split(' / ');
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return groups;
}
