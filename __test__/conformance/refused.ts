import assert from 'node:assert/strict';
import { FlightSQLError } from 'flightsql';

/** What a server lacks is an error with a code and the server's own words, and the client goes on. */
export async function assertRefused(call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(call(), (error: unknown) => {
    assert(error instanceof FlightSQLError, String(error));
    assert.notEqual(error.message, '');
    return true;
  });
}

/** What a server lacks altogether is an error that says just that. */
export async function assertLacking(call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(call(), (error: unknown) => {
    assert(error instanceof FlightSQLError, String(error));
    assert.equal(error.code, 'UNIMPLEMENTED', error.message);
    return true;
  });
}
