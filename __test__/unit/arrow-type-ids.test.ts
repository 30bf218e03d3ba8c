import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as arrow from 'apache-arrow';
import * as ids from '../../src-ts/arrow/type-ids.js';

it('the repeated type numbers are those of apache-arrow', () => {
  for (const [name, id] of Object.entries(ids.TypeId)) assert.equal(id, arrow.Type[name as keyof typeof arrow.Type], name);
  const { TimeUnit, IntervalUnit, DateUnit, Precision, UnionMode } = arrow;
  assert.deepEqual(Object.values(ids.TimeUnitId), [TimeUnit.SECOND, TimeUnit.MILLISECOND, TimeUnit.MICROSECOND, TimeUnit.NANOSECOND]);
  assert.deepEqual(Object.values(ids.IntervalUnitId), [IntervalUnit.YEAR_MONTH, IntervalUnit.DAY_TIME, IntervalUnit.MONTH_DAY_NANO]);
  assert.deepEqual(Object.values(ids.DateUnitId), [DateUnit.DAY, DateUnit.MILLISECOND]);
  assert.deepEqual(Object.values(ids.PrecisionId), [Precision.HALF, Precision.SINGLE, Precision.DOUBLE]);
  assert.deepEqual(Object.values(ids.UnionModeId), [UnionMode.Sparse, UnionMode.Dense]);
});
