import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the demo runs to its end, and the file that it wrote holds what the database holds', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'examples/demo/main.ts', '--orders', '20000'], {
    cwd: ROOT,
  });
  assert.match(stdout, /orders +20,000 rows/);
  assert.match(stdout, /readings +10,000 rows/);
  assert.match(stdout, /mean temperature \d+\.\d+ °C over 9,090 readings, 910 are null/);
  assert.match(stdout, /20,000 rows, and equal sums of ids, amounts, times and notes/);
  assert.match(stdout, /^Done/m);
});
