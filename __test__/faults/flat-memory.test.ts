// A stream that is much larger than memory may become passes through a process of constant size.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LongReport } from './child/long-stream.js';
import { reportOf, runChild } from './child/run-child.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** FLIGHTSQL_LONG_STREAM_GIB=10 for the whole length. */
const LENGTH = Number(process.env['FLIGHTSQL_LONG_STREAM_GIB'] ?? 3) * GIB;
/** What is handed out before finalizers are made way for (256 MiB), what lies idle until it is given back, and half as much again. */
const FLAT = 600 * MIB;
/** What comes and goes with the collector's turns once the stream is under way. */
const SWAY = 160 * MIB;

const server = await startEvilServer();
const schema = flightStream([schemaMessage([field('number', int(64))])]);

for (const [name, batchBytes, length] of [
  ['batches of 2 MiB', 2 * MIB, LENGTH],
  ['batches of 100 KB', 100_000, LENGTH / 3],
  ['batches of 4 KB', 4000, GIB],
] as const) {
  test(`${(length / GIB).toFixed(2)} GiB in ${name}`, async (context) => {
    const rows = batchBytes / 8;
    const batch = flightStream([batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(batchBytes).fill(3)] })]);
    const perChunk = Math.max(1, Math.floor(MIB / batch.length));
    const count = Math.ceil(length / batchBytes / perChunk);
    const chunk = Buffer.concat(Array.from({ length: perChunk }, () => batch));
    server.on(name, (stream) => new CountedStream(stream, schema, chunk, count));
    const outcome = await runChild('long-stream.ts', [String(server.port), name, String(count * perChunk)], { limit: 600_000 });
    const report = reportOf<LongReport>(outcome);
    context.diagnostic(
      `${(report.bytes / report.seconds / 1e6).toFixed(0)} MB/s, ${(report.early / MIB).toFixed(0)} MiB early, ${(report.peak / MIB).toFixed(0)} MiB at most, ${(report.mostHandedOut / MIB).toFixed(0)} MiB handed out at most`,
    );
    assert.equal(report.batches, count * perChunk);
    assert.equal(report.bytes, count * perChunk * batchBytes);
    assert(report.peak < FLAT, `resident memory went up to ${report.peak / MIB} MiB`);
    assert(report.peak < report.early + SWAY, `resident memory grew from ${report.early / MIB} to ${report.peak / MIB} MiB`);
  });
}
