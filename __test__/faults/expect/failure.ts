import assert from 'node:assert/strict';
import { type CallOptions, type FlightSQLClient, FlightSQLError, type FlightSQLErrorCode } from 'flightsql';
import { GOOD_QUERY } from '../server/good-query.js';
import { settled } from './settled.js';

export interface ExpectedFailure {
  readonly code: FlightSQLErrorCode | readonly FlightSQLErrorCode[];
  readonly message?: RegExp;
  readonly column?: string;
  /** Batches and rows that are delivered before the failure; `any` where a race decides. */
  readonly batches?: number | 'any';
  /** `none` where the failure is not of an endpoint. */
  readonly endpoint?: { readonly index: number; readonly location: string | null } | 'none';
}

/**
 * Runs a query whose result has to fail as expected, with its endpoint and how far it had come; shows that everything has been given back,
 * and that the client still works. Returns the error.
 */
export async function expectFailure(
  client: FlightSQLClient,
  query: string,
  expected: ExpectedFailure,
  options?: CallOptions,
): Promise<FlightSQLError> {
  const error = await failureOf(client, query, expected, options);
  await settled(client);
  await expectUsable(client);
  return error;
}

/** Only the failure itself, for cases by the thousand. */
export async function failureOf(
  client: FlightSQLClient,
  query: string,
  expected: ExpectedFailure,
  options?: CallOptions,
): Promise<FlightSQLError> {
  const { batches, error } = await readToFailure(client, query, options);
  assert(error instanceof FlightSQLError, `a FlightSQLError was expected, not ${String(error)}`);
  const codes = typeof expected.code === 'string' ? [expected.code] : expected.code;
  assert(codes.includes(error.code), `code ${codes.join(' or ')} was expected: ${describe(error)}`);
  if (expected.message !== undefined) assert.match(error.message, expected.message);
  if (expected.column !== undefined) assert.equal(error.column, expected.column);
  assert.match(error.message, /\S/, 'an error says something');
  if (expected.endpoint !== 'none') assert.deepEqual(error.endpoint, expected.endpoint ?? { index: 0, location: null }, describe(error));
  if (expected.endpoint !== 'none' && expected.batches !== 'any') {
    assert.equal(batches, expected.batches ?? 0, `batches that came before: ${describe(error)}`);
    assert.equal(error.progress?.batches, batches, 'progress says what was delivered');
  }
  return error;
}

/** The client answers a good query with the right rows. */
export async function expectUsable(client: FlightSQLClient): Promise<void> {
  const rows: unknown[] = [];
  for await (const { number, word } of (await client.query(GOOD_QUERY)).rows()) rows.push([number, word]);
  assert.deepEqual(rows, [
    [1n, 'one'],
    [2n, 'two'],
    [1n, 'one'],
    [2n, 'two'],
  ]);
}

async function readToFailure(client: FlightSQLClient, query: string, options?: CallOptions): Promise<{ batches: number; error: unknown }> {
  let batches = 0;
  try {
    for await (const _batch of await client.query(query, null, options)) batches += 1;
  } catch (error) {
    return { batches, error };
  }
  return assert.fail(`the query '${query}' was expected to fail, and delivered ${batches} batches`);
}

function describe(error: FlightSQLError): string {
  const { code, message, column, endpoint, progress, hint } = error;
  return JSON.stringify({ code, message, column, endpoint, progress, hint, stack: error.stack?.split('\n').slice(1, 4) });
}
