import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGoTruth } from '../servers/truth-servers.js';
import { compareEveryCase, truthSuite } from './truth/suite.js';

// The checker of IPC bytes is pyarrow here too.
truthSuite('what arrow-go sends', ['go-truth', 'python'], startGoTruth, (suite) => {
  test('the server has the intervals that pyarrow lacks', () => {
    const names = Object.keys(suite.server.index.cases);
    for (const type of ['month_interval', 'day_time_interval']) assert(names.includes(`${type} / with nulls`));
  });

  compareEveryCase(suite);
});
