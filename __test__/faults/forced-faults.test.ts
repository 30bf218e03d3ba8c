// A panic at each place where the core runs by itself: an error at the call that it was for, and never the end of the host.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { FaultReport, SeenFailure } from './child/forced-fault.js';
import { FaultHost } from './fault-host.js';
import { hooksEnvironment } from './hooks.js';
import { startEvilServer } from './server/evil-server.js';
import { withFaultQueries } from './server/fault-queries.js';

const skip = hooksEnvironment() === null ? 'the addon with test hooks is not built: npm test builds it' : false;
const host = new FaultHost(withFaultQueries(await startEvilServer()));

const FIRST_ENDPOINT = { index: 0, location: null };
const NOTHING_YET = { batches: 0, rows: 0 };

/** The failure of a call that panicked somewhere. */
function panicOf({ failure }: FaultReport): SeenFailure {
  assert.equal(failure?.code, 'PANIC', JSON.stringify(failure));
  assert.match(failure.message, /forced by a test.*defect of flightsql/);
  return failure;
}

suite('a panic', { skip }, () => {
  for (const what of ['query', 'ipc', 'export'] as const) {
    test(`before a stream is opened is an error of its endpoint: ${what}`, async () => {
      const report = await host.force({ fault: { at: 'stream' }, what });
      assert.deepEqual(panicOf(report).endpoint, FIRST_ENDPOINT);
      assert.deepEqual(report.filesLeft, []);
    });
  }

  for (const what of ['query', 'ipc', 'export'] as const) {
    test(`where bytes from the socket become messages is an error of the endpoint, and the connection lives: ${what}`, async () => {
      const report = await host.force({ fault: { at: 'landing' }, what });
      const { endpoint, progress } = panicOf(report);
      assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, NOTHING_YET]);
      assert.deepEqual(report.filesLeft, []);
    });
  }

  for (const query of ['list views', 'run ends', 'compressed']) {
    test(`on the thread that decodes is an error of the endpoint: ${query}`, async () => {
      const { endpoint, progress } = panicOf(await host.force({ fault: { at: 'decode' }, what: 'query', query }));
      assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, { batches: 0, rows: 0 }]);
    });
  }

  for (const batches of [0, 1]) {
    test(`behind ${batches} batches of a stream leaves those that came before it, and says how many`, async () => {
      // The schema is a message too.
      const report = await host.force({ fault: { at: 'message', skipped: 1 + batches }, what: 'loop over a query' });
      const { endpoint, progress } = panicOf(report);
      assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, { batches, rows: 2 * batches }]);
      assert.equal(report.batches, batches);
      assert.equal(report.failedAgain, true, 'what failed once is not at its end');
    });
  }

  test('behind a batch while a table is collected says how much had come', async () => {
    const { endpoint, progress } = panicOf(await host.force({ fault: { at: 'message', skipped: 2 }, what: 'query' }));
    assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, { batches: 1, rows: 2 }]);
  });

  for (const skipped of [0, 1]) {
    test(`while delivery ${skipped} of a loop is described is no end of the loop`, async () => {
      const report = await host.force({ fault: { at: 'delivery', skipped }, what: 'loop over a result', query: 'one by one' });
      const { endpoint, progress } = panicOf(report);
      assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, { batches: skipped, rows: skipped * ((5 * 2 ** 20) / 8) }]);
      assert.deepEqual([report.batches, report.failedAgain], [skipped, true]);
    });
  }

  test('while a result that comes with its query is described is an error of the query', async () => {
    const { endpoint, progress } = panicOf(await host.force({ fault: { at: 'delivery' }, what: 'query' }));
    assert.deepEqual([endpoint, progress], [null, null]);
  });

  test('while the delivery of a table is described leaves no table that looks whole', async () => {
    const { endpoint, progress } = panicOf(
      await host.force({ fault: { at: 'delivery' }, what: 'table() of a result', query: 'one by one' }),
    );
    assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, NOTHING_YET]);
  });

  for (const [at, when] of [
    ['call', 'in the task'],
    ['completion', 'while the answer is made'],
  ] as const) {
    // A query is two calls where its result does not come with it. Before there is a FlightInfo there is no endpoint to name.
    for (const [what, skipped, place, query] of [
      ['query', 0, [null, null]],
      ['query', 1, [FIRST_ENDPOINT, NOTHING_YET], 'plain and large'],
      ['execute', 0, [null, null]],
      ['schema() of a result', 0, [FIRST_ENDPOINT, NOTHING_YET], 'plain and large'],
      ['toIPC() of a result', 0, [FIRST_ENDPOINT, NOTHING_YET]],
      ['table() of a result', 0, [FIRST_ENDPOINT, NOTHING_YET], 'plain and large'],
      ['loop over a result', 0, [FIRST_ENDPOINT, NOTHING_YET], 'plain and large'],
    ] as const) {
      test(`${when} of call ${skipped} is an error of that call: ${what}`, async () => {
        const report = await host.force({ fault: { at, skipped }, what, ...(query === undefined ? {} : { query }) });
        const { endpoint, progress } = panicOf(report);
        // toIPC() has read it all by then; only its bytes were not handed over.
        const read = at === 'completion' && what === 'toIPC() of a result' ? { batches: 2, rows: 4 } : place[1];
        assert.deepEqual([endpoint, progress], [place[0], read]);
        assert.notEqual(report.failedAgain, false, 'a second read fails too, where there is one');
        assert.equal(report.batches, 0);
      });
    }

    test(`${when} of an export: its file is whole, or not there`, async () => {
      const report = await host.force({ fault: { at }, what: 'export' });
      panicOf(report);
      // Only the answer was lost; whether the export was done before it is a race.
      assert.deepEqual(
        report.filesLeft.filter((name) => name !== 'out.parquet'),
        [],
      );
    });
  }

  test('before the file of an export is made', async () => {
    const report = await host.force({ fault: { at: 'export' }, what: 'export' });
    const { endpoint, progress } = panicOf(report);
    assert.deepEqual([endpoint, progress], [null, NOTHING_YET], 'no batch of any endpoint had come');
    assert.deepEqual([report.filesSeen, report.filesLeft], [[], []]);
  });

  test('between the batches of an export leaves no part of its file behind', async () => {
    const report = await host.force({ fault: { at: 'exportBatch', skipped: 1 }, what: 'export' });
    const { endpoint, progress } = panicOf(report);
    assert.deepEqual([endpoint, progress], [FIRST_ENDPOINT, { batches: 1, rows: 2 }]);
    assert.match(String(report.filesSeen), /^out\.parquet\.\d+-\d+\.part$/, 'a part had been written');
    assert.deepEqual(report.filesLeft, []);
  });

  for (const [connection, skipped] of [
    ['first connection of a client', 0],
    ['connection for its results', 1],
  ] as const) {
    for (const what of ['query', 'export'] as const) {
      test(`while the ${connection} is opened: the next query opens another (${what})`, async () => {
        const report = await host.force({ fault: { at: 'connector', skipped }, what });
        panicOf(report);
        assert.deepEqual(report.filesLeft, []);
      });
    }
  }

  for (const [at, what] of [
    ['finalizer', 'collected table'],
    ['vectorFinalizer', 'collected IPC bytes'],
  ] as const) {
    test(`in the finalizer of a ${what} is nobody's error`, async () => {
      assert.equal((await host.force({ fault: { at }, what })).failure, null);
    });
  }
});
