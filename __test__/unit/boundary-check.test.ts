import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLError } from '../../src-ts/errors.js';
import { checkBoundary } from '../../src-ts/native/boundary-check.js';

test('an addon of the expected boundary version is returned as it is', () => {
  const addon = { boundaryVersion: () => 3, addonVersion: () => '9.9.9' };
  assert.equal(checkBoundary(addon, 3), addon);
});

test('an addon of another boundary version is refused, naming both versions and its release', () => {
  const addon = { boundaryVersion: () => 2, addonVersion: () => '9.9.9' };
  assert.throws(
    () => checkBoundary(addon, 3),
    (error: FlightSQLError) => {
      assert.equal(error.code, 'BOUNDARY_MISMATCH');
      assert.match(error.message, /release 9\.9\.9/);
      assert.match(error.message, /boundary version 2/);
      assert.match(error.message, /boundary version 3/);
      assert.match(error.hint ?? '', /install again/);
      return true;
    },
  );
});

test('something that is no addon of ours is refused', () => {
  for (const binding of [undefined, null, {}, { boundaryVersion: 3 }]) {
    assert.throws(() => checkBoundary(binding, 3), { code: 'BOUNDARY_MISMATCH', message: /no boundary version.*boundary version 3/ });
  }
});
