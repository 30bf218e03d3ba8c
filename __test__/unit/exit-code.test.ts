import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError, exitCodeOf } from '../../src-ts/cli/exit-code.js';
import { FlightSQLError } from '../../src-ts/errors.js';

const cases: readonly [error: unknown, code: number][] = [
  [new FlightSQLError('INVALID_OPTION', 'x'), 1],
  [new FlightSQLError('CONNECTION_FAILED', 'x'), 2],
  [new FlightSQLError('UNAUTHENTICATED', 'x'), 2],
  [new FlightSQLError('TLS_ERROR', 'x'), 2],
  [new FlightSQLError('INVALID_ARGUMENT', 'x', { grpcCode: 3 }), 3],
  [new FlightSQLError('INTERNAL', 'x'), 3],
  [new FlightSQLError('IO_ERROR', 'x'), 4],
  [Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' }), 4],
  [new FlightSQLError('DEADLINE_EXCEEDED', 'x'), 124],
  [new FlightSQLError('CANCELLED', 'x'), 130],
  [new Error('x'), 1],
  ['x', 1],
];

for (const [error, code] of cases) {
  const name = error instanceof Error ? ((error as { code?: string }).code ?? error.name) : typeof error;
  test(`${name} ends a command with exit code ${code}`, () => {
    assert.equal(exitCodeOf(error), code);
  });
}

test('an error of ours is described by message and hint, a defect by its stack', () => {
  assert.equal(describeError(new FlightSQLError('CLOSED', 'the server is closed')), 'the server is closed');
  assert.equal(
    describeError(new FlightSQLError('CLOSED', 'the server is closed', { hint: 'start it' })),
    'the server is closed\n  start it',
  );
  assert.match(describeError(new TypeError('x is undefined')), /TypeError: x is undefined\n {4}at /);
});
