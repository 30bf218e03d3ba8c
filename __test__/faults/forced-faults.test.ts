// A panic at each place where the core has a task of its own, and an allocation that the system refuses: errors, never the end of the host.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { FaultReport } from './child/forced-fault.js';
import { reportOf, runChild } from './child/run-child.js';
import { hooksEnvironment } from './hooks.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int, listView, runEndEncoded } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { compressed, int32s, NOTHING } from './wire/values.js';
import { zstdRun } from './wire/zstd.js';

const server = await startEvilServer();
const env = hooksEnvironment();
const skip = env === null ? 'the addon with test hooks is not built: node scripts/build-native.mjs --test-hooks' : false;

// Large enough to be decoded on a thread of its own, which is a place.
const rows = 20_000;
const values = new Uint8Array(rows * 8);
server.on('plain and large', (stream) =>
  grpcAnswer(stream, [
    flightStream([
      schemaMessage([field('c', int(64))]),
      batchMessage({ rows: 100_000, nodes: [[100_000, 0]], buffers: [NOTHING, new Uint8Array(800_000)] }),
    ]),
  ]),
);
server.on('list views', (stream) =>
  grpcAnswer(stream, [
    flightStream([
      schemaMessage([field('c', listView, { children: [field('item', int(64))] })]),
      batchMessage({
        rows: 2,
        nodes: [
          [2, 0],
          [rows, 0],
        ],
        buffers: [NOTHING, int32s(0, 5), int32s(5, 5), NOTHING, values],
      }),
    ]),
  ]),
);
server.on('compressed', (stream) =>
  grpcAnswer(stream, [
    flightStream([
      schemaMessage([field('c', int(64))]),
      batchMessage({
        rows: 100_000,
        nodes: [[100_000, 0]],
        buffers: [NOTHING, compressed(800_000, zstdRun(800_000))],
        compression: 'zstd',
      }),
    ]),
  ]),
);
server.on('run ends', (stream) =>
  grpcAnswer(stream, [
    flightStream([
      schemaMessage([field('c', runEndEncoded, { children: [field('run_ends', int(32), { nullable: false }), field('values', int(64))] })]),
      batchMessage({
        rows: 10,
        nodes: [
          [10, 0],
          [1, 0],
          [1, 0],
        ],
        buffers: [NOTHING, int32s(10), NOTHING, new Uint8Array(8)],
      }),
    ]),
  ]),
);

const AT_ENDPOINT = { index: 0, location: null };

interface FaultCase {
  readonly place: string;
  readonly what: string;
  readonly code: string | null;
  readonly endpoint?: typeof AT_ENDPOINT;
}

const cases: readonly FaultCase[] = [
  { place: 'stream', what: 'query', code: 'PANIC', endpoint: AT_ENDPOINT },
  { place: 'stream', what: 'ipc', code: 'PANIC', endpoint: AT_ENDPOINT },
  { place: 'stream', what: 'export', code: 'PANIC', endpoint: AT_ENDPOINT },
  { place: 'decode', what: 'list views', code: 'PANIC', endpoint: AT_ENDPOINT },
  { place: 'export', what: 'export', code: 'PANIC' },
  { place: 'call', what: 'query', code: 'PANIC' },
  { place: 'call', what: 'execute', code: 'PANIC' },
  { place: 'call', what: 'export', code: 'PANIC' },
  { place: 'completion', what: 'query', code: 'PANIC' },
  { place: 'completion', what: 'execute', code: 'PANIC' },
  { place: 'completion', what: 'export', code: 'PANIC' },
  { place: 'completion', what: 'ipc', code: 'PANIC' },
  { place: 'finalizer', what: 'query', code: null },
  { place: 'allocation', what: 'query', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'plain and large', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'ipc', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'export', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'compressed', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'list views', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
  { place: 'allocation', what: 'run ends', code: 'OUT_OF_MEMORY', endpoint: AT_ENDPOINT },
];

suite('forced faults', { skip }, () => {
  for (const { place, what, code, endpoint } of cases) {
    test(`${place === 'allocation' ? 'a refused allocation' : `a panic (${place})`} during '${what}'`, async () => {
      const outcome = await runChild('forced-fault.ts', [String(server.port), place, what], { env: env ?? {} });
      const report = reportOf<FaultReport>(outcome);
      assert.equal(report.code, code, JSON.stringify(report));
      if (code === 'PANIC') assert.match(report.message, /forced by a test.*defect of flightsql/);
      if (endpoint !== undefined) assert.deepEqual(report.endpoint, endpoint);
      assert.equal(report.rowsAfterwards, 4, 'the client works on');
      // Where only the answer was lost, the file is there, and whole.
      assert.deepEqual(
        report.filesLeft.filter((name) => name !== 'out.parquet' || place === 'export' || place === 'stream'),
        [],
        'nothing is left behind',
      );
    });
  }
});
