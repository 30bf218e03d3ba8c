import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionOptionsError } from 'flightsql';
import type { Profile } from './profile.js';
import { assertRefused } from './refused.js';

/** Options of a session, which ends. */
export function sessions({ client, supports }: Profile): void {
  if (!supports.sessions) {
    test('sessions are refused', async () => {
      await assertRefused(() => client().setSessionOptions({ catalog: 'x' }));
      await assertRefused(() => client().getSessionOptions());
      await assertRefused(() => client().closeSession());
    });
    return;
  }

  test('session options of every type are set, told, erased, and gone with the session', async () => {
    const options = { text: 'é', empty: '', yes: true, no: false, large: 2n ** 62n, half: 0.5, list: ['a', '', 'c'], none: [] };
    await client().setSessionOptions({ ...options, whole: 7, exact: { double: 7 } });
    const all = { ...options, whole: 7n, exact: 7 };
    assert.deepEqual(await client().getSessionOptions(), all);
    await client().setSessionOptions({ text: null, half: 0.25 });
    const { text, ...rest } = all;
    assert.deepEqual(await client().getSessionOptions(), { ...rest, half: 0.25 });
    assert.equal(await client().closeSession(), 'CLOSED');
    assert.deepEqual(await client().getSessionOptions(), {});
  });

  test('an option that is not set is an error that names it', async () => {
    await assert.rejects(client().setSessionOptions({ '': 'no name' }), (error: unknown) => {
      assert(error instanceof SessionOptionsError, String(error));
      assert.deepEqual(error.errors, { '': 'INVALID_NAME' });
      return true;
    });
  });
}
