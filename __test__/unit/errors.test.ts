import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { FlightSQLError } from '../../src-ts/errors.js';
import { constructed, errorOf, valueOrThrow } from '../../src-ts/native/outcome.js';

test('an error carries every field of the error text', () => {
  const error = errorOf(
    JSON.stringify({
      code: 'RESOURCE_EXHAUSTED',
      message: 'too many queries',
      grpcCode: 8,
      details: 'AQL/',
      endpoint: { index: 2, location: 'grpc+tls://b:443' },
      progress: { batches: 3, rows: 1500 },
      column: 'a.b',
      retryable: true,
      hint: 'ask later',
      causes: ['the outer cause', 'the inner cause'],
    }),
  );
  assert.equal(error.code, 'RESOURCE_EXHAUSTED');
  assert.equal(error.message, 'too many queries');
  assert.equal(error.grpcCode, 8);
  assert.deepEqual(error.details, Uint8Array.of(1, 2, 255));
  assert.deepEqual(error.endpoint, { index: 2, location: 'grpc+tls://b:443' });
  assert.deepEqual(error.progress, { batches: 3, rows: 1500 });
  assert.equal(error.column, 'a.b');
  assert.equal(error.retryable, true);
  assert.equal(error.hint, 'ask later');
  assert.ok(error.cause instanceof Error && error.cause.message === 'the outer cause');
  assert.ok(error.cause.cause instanceof Error && error.cause.cause.message === 'the inner cause');
  assert.equal(error.cause.cause.cause, undefined);
});

test('an error without place, details and causes has null for them and no cause', () => {
  const error = errorOf(
    JSON.stringify({
      code: 'CLOSED',
      message: 'the client is closed',
      grpcCode: null,
      details: null,
      endpoint: null,
      progress: null,
      column: null,
      retryable: false,
      hint: null,
      causes: [],
    }),
  );
  for (const field of ['grpcCode', 'details', 'endpoint', 'progress', 'column', 'hint'] as const) assert.equal(error[field], null, field);
  assert.equal('cause' in error, false);
});

test('a native outcome is its value, or throws its error', () => {
  assert.equal(valueOrThrow([null, 7]), 7);
  const text = JSON.stringify({ code: 'CLOSED', message: 'x', causes: [], details: null });
  assert.throws(() => valueOrThrow([text, undefined]), { name: 'FlightSQLError', code: 'CLOSED' });
});

test('an error is an Error with the name of its class, and says its code when it is printed', () => {
  const error = new FlightSQLError('NOT_FOUND', 'no such table');
  assert.ok(error instanceof Error);
  assert.ok(error instanceof FlightSQLError);
  assert.equal(String(error), 'FlightSQLError: no such table');
  assert.match(inspect(error), /code: 'NOT_FOUND'/);
});

test('other errors and values are no instances', () => {
  for (const value of [new Error('x'), { code: 'NOT_FOUND' }, null, undefined, 'FlightSQLError', 1]) {
    assert.equal(value instanceof FlightSQLError, false);
  }
});

test('instances of a subclass are told apart from others', () => {
  class Mine extends FlightSQLError {}
  assert.ok(new Mine('CLOSED', 'x') instanceof Mine);
  assert.ok(new Mine('CLOSED', 'x') instanceof FlightSQLError);
  assert.equal(new FlightSQLError('CLOSED', 'x') instanceof Mine, false);
});

test('an error text that a constructor throws becomes the error that it describes, anything else stays', () => {
  const text = JSON.stringify({ code: 'TLS_ERROR', message: 'no certificate', causes: [], details: null });
  assert.throws(
    () =>
      constructed(() => {
        throw new Error(text);
      }),
    { name: 'FlightSQLError', code: 'TLS_ERROR' },
  );
  const mine = new TypeError('port must be a number');
  assert.throws(
    () =>
      constructed(() => {
        throw mine;
      }),
    (error) => error === mine,
  );
  assert.equal(
    constructed(() => 7),
    7,
  );
});
