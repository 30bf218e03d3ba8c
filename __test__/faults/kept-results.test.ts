// Results that are kept whole: V8 counts their memory once they are read, whether reading them succeeded or not.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KeptReport } from './child/kept-result.js';
import { reportOf, runChild } from './child/run-child.js';
import { hooksEnvironment } from './hooks.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const MIB = 2 ** 20;
const ROWS = (2 * MIB) / 8;
const BATCHES = 200;
const WHOLE = BATCHES * 2;

/** What newer versions of Node count at once: all of it. */
const HELD_BACK = Number.parseInt(process.versions.node, 10) < 23;

const env = hooksEnvironment();
const server = await startEvilServer();
const schema = flightStream([schemaMessage([field('number', int(64))])]);
const body = { rows: ROWS, nodes: [[ROWS, 0] as const], buffers: [NOTHING, new Uint8Array(2 * MIB).fill(3)] };
const batch = Buffer.from(flightStream([batchMessage(body)]));
const noMessage = Buffer.from([9, 9, 9, 9, 9]);
server.on('whole', (stream) => new CountedStream(stream, schema, batch, BATCHES));
server.on('broken', (stream) => new CountedStream(stream, schema, Buffer.concat([...Array(100).fill(batch), noMessage]), 1));

async function kept(...args: string[]): Promise<KeptReport> {
  return reportOf(await runChild('kept-result.ts', [String(server.port), ...args], env === null ? {} : { env }));
}

suite('what V8 counts', { skip: env === null ? 'the addon with test hooks is not built: npm test builds it' : false }, () => {
  test('while a Table grows V8 does not count its memory, and all of it once it is whole', async () => {
    const { outcome, growing, read, left } = await kept('whole');
    assert.equal(outcome, ROWS * BATCHES);
    assert(HELD_BACK ? growing < 32 : growing > 32, `${growing} MiB were counted while it grew`);
    assert(read > WHOLE - 10 && read < WHOLE + 40, `${read} MiB are counted of ${WHOLE}`);
    assert(Math.abs(left) < 10, `${left} MiB are left in V8's count`);
  });

  test('where another Table may have been left, V8 counts the first of its memory', async () => {
    const { outcome, growing, read } = await kept('whole', 'beside');
    assert.equal(outcome, ROWS * BATCHES);
    assert(growing > 32 && (growing < 120 || !HELD_BACK), `${growing} MiB were counted while it grew`);
    assert(read > WHOLE - 10 && read < WHOLE + 40, `${read} MiB are counted of ${WHOLE}`);
  });

  test('a result that fails while it is collected leaves no debt in the count', async () => {
    const { outcome, left } = await kept('broken');
    assert.equal(outcome, 'PROTOCOL_ERROR');
    assert(Math.abs(left) < 10, `${left} MiB are left in V8's count`);
  });
});
