import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { loadArrow } from '../../src-ts/arrow/index.js';

/** What `loadArrow()` does where `apache-arrow` is another module: the error as JSON, or `loaded`. */
function loadWith(resolution: string): { code?: string; message?: string; hint?: string; again?: string } {
  const hooks = `export const resolve = (name, context, next) => name === 'apache-arrow' ? (${resolution}) : next(name, context)`;
  const script = `
    import { register } from 'node:module';
    import { loadArrow } from ${JSON.stringify(new URL('../../src-ts/arrow/index.ts', import.meta.url).href)};
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    const attempt = () => loadArrow().then(() => ({}), ({ code, message, hint }) => ({ code, message, hint }));
    const first = await attempt();
    console.log(JSON.stringify({ ...first, again: (await attempt()).message }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

describe('loadArrow', () => {
  it('gives the copy of apache-arrow that the application imports, once', async () => {
    assert.equal((await loadArrow()).Table, arrow.Table);
    assert.equal(loadArrow(), loadArrow());
  });

  it('says what to install where there is none', () => {
    const { code, message, hint, again } = loadWith(`(() => { throw new Error('not found') })()`);
    assert.deepEqual(
      [code, message, again],
      ['MISSING_DEPENDENCY', 'apache-arrow could not be loaded', 'apache-arrow could not be loaded'],
    );
    assert.match(hint ?? '', /npm install apache-arrow/);
  });

  it('says so where it is too old', () => {
    const old = `{ url: 'data:text/javascript,export class Table {}; export const LargeList = 1', shortCircuit: true }`;
    const { code, message } = loadWith(old);
    assert.deepEqual([code, message], ['MISSING_DEPENDENCY', 'the installed apache-arrow is older than 21.2.0']);
  });
});
