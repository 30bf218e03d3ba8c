// Hosts that allow no external ArrayBuffers get copies: everything reads right, and the copies are counted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyReport } from './child/copied.js';
import { reportOf, runChild } from './child/run-child.js';
import { startEvilServer } from './server/evil-server.js';

const server = await startEvilServer();

for (const [setting, copies] of [
  ['off', true],
  ['on', false],
] as const) {
  test(`FLIGHTSQL_EXTERNAL_BUFFERS=${setting}: every value is right, ${copies ? 'from copies' : 'without a copy'}`, async () => {
    const outcome = await runChild('copied.ts', [String(server.port)], { env: { FLIGHTSQL_EXTERNAL_BUFFERS: setting } });
    const report = reportOf<CopyReport>(outcome);
    assert.deepEqual(report.rows, [
      ['1', 'one'],
      ['2', 'two'],
      ['1', 'one'],
      ['2', 'two'],
    ]);
    assert.equal(report.ipcRows, 4);
    assert.equal(report.received, 160, 'two results of two batches of 40 bytes');
    if (copies) assert(report.copied >= 80, `${report.copied} bytes were counted as copied`);
    else assert.equal(report.copied, 0);
    assert.equal(report.handedOut, 0);
  });
}
