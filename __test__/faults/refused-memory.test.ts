// Memory that the system refuses: an error of the stream that wanted it, and never the end of the host.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { FaultCase, FaultReport } from './child/forced-fault.js';
import { FaultHost } from './fault-host.js';
import { hooksEnvironment } from './hooks.js';
import { startEvilServer } from './server/evil-server.js';
import { withFaultQueries } from './server/fault-queries.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { flightInfo } from './wire/flight-data.js';

const skip = hooksEnvironment() === null ? 'the addon with test hooks is not built: npm test builds it' : false;
const server = await startEvilServer();
const host = new FaultHost(withFaultQueries(server));

function expectRefusal({ failure, filesLeft }: FaultReport): void {
  assert.equal(failure?.code, 'OUT_OF_MEMORY', JSON.stringify(failure));
  assert.match(failure.message, /the system refused/);
  assert.deepEqual(failure.endpoint, { index: 0, location: null });
  assert.deepEqual(failure.progress, { batches: 0, rows: 0 });
  assert.deepEqual(filesLeft, []);
}

suite('memory that is refused', { skip }, () => {
  const cases: readonly (readonly [FaultCase['what'], query: string, blocks: number])[] = [
    ['query', 'good', 1],
    ['query', 'plain and large', 1],
    ['ipc', 'plain and large', 1],
    ['export', 'plain and large', 1],
    // The body as it was sent, and what becomes of it.
    ['query', 'compressed', 2],
    ['query', 'list views', 2],
    ['query', 'run ends', 2],
    ['export', 'run ends', 2],
  ];
  for (const [what, query, blocks] of cases) {
    test(`each block of a ${what} of '${query}' in turn`, async () => {
      let refused = 0;
      for (;;) {
        const report = await host.attempt({ fault: { at: 'block', skipped: refused }, what, query });
        if (!report.fired) {
          assert.equal(report.failure, null, 'all that it takes is there');
          break;
        }
        expectRefusal(report);
        refused += 1;
      }
      assert(refused >= blocks, `${refused} blocks were asked for`);
    });
  }

  for (const query of ['list views', 'run ends']) {
    test(`the values that '${query}' are normalised to`, async () => {
      expectRefusal(await host.force({ fault: { at: 'allocation' }, what: 'query', query }));
    });
  }

  for (const query of ['many batches', 'plain and large']) {
    test(`the bytes of toIPC() of '${query}'`, async () => {
      const { failure } = await host.force({ fault: { at: 'allocation' }, what: 'ipc', query });
      assert.equal(failure?.code, 'OUT_OF_MEMORY', JSON.stringify(failure));
      assert.match(failure.message, /the system refused memory for the Arrow IPC stream/);
      assert.deepEqual(failure.endpoint, { index: 0, location: null });
      assert((failure.progress?.batches ?? 0) > 0, JSON.stringify(failure.progress));
    });
  }

  // All three are read before anything is handed over, and each is an ArrayBuffer.
  for (const index of [0, 1, 2]) {
    test(`the ArrayBuffer of endpoint ${index}, where three are handed over at once`, async () => {
      const endpoints = ['plain and large', 'plain and large', 'plain and large'].map((ticket) => ({ ticket }));
      server.on('three endpoints', { info: (stream) => grpcAnswer(stream, [flightInfo(endpoints)]) });
      const { failure } = await host.force({ fault: { at: 'ArrayBuffer', skipped: index }, what: 'query', query: 'three endpoints' });
      assert.equal(failure?.code, 'OUT_OF_MEMORY', JSON.stringify(failure));
      assert.match(failure.message, /could not be handed over/);
      assert.deepEqual(
        [failure.endpoint, failure.progress],
        [
          { index, location: null },
          { batches: 0, rows: 0 },
        ],
      );
    });
  }
});
