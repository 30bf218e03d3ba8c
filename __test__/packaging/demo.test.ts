import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the demo runs to its end, and the file that it wrote holds what the database holds', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'examples/demo/main.ts', '--orders', '20000'],
    {
      cwd: ROOT,
    },
  );
  assert.match(stdout, /orders +20,000 rows/);
  assert.match(stdout, /readings +10,000 rows/);
  assert.match(stdout, /mean temperature \d+\.\d+ °C over 9,090 readings, 910 are null/);
  assert.match(stdout, /20,000 rows, and equal sums of ids, amounts, times and notes/);
  assert.match(stdout, /^Done/m);
  assert.match(stdout, /flightsql:\/\/127\.0\.0\.1:\d+/, 'the server listens on loopback');
  const rates = [...stdout.matchAll(/([\d,]+) rows, [\d.]+ MB in [\d.]+ s: \d+ MB\/s/g)].map((match) => match[1]);
  assert.deepEqual(rates, ['20,000', '10,000'], 'the Table and the stream');
  const firstRows = stdout.match(/^\{\n {2}id: \dn,[\s\S]*?^\}/gm) ?? [];
  assert.equal(firstRows.length, 3, stdout);
  for (const row of firstRows) assert.match(row, /: '\d+\.\d+'[\s\S]*: '\d{4}-\d\d-\d\dT|: '\d{4}-\d\d-\d\dT[\s\S]*: '\d+\.\d+'/);
  assert.match(stderr, /[\d,]+ of 20,000 rows, [\d.]+ MB/, 'the progress line');
});
