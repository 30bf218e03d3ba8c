// Workers and processes that end while the addon is at work.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reportOf, runChild } from './child/run-child.js';
import { CountedStream } from './server/counted-stream.js';
import { startEvilServer } from './server/evil-server.js';
import { goodStream } from './server/good-stream.js';
import { begin, GRPC_HEAD } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { NOTHING } from './wire/values.js';

const server = await startEvilServer();
// A process that is ended in the midst of an export leaves the file that it was at.
const folder = mkdtempSync(join(tmpdir(), 'flightsql-end-'));
after(() => rmSync(folder, { recursive: true }));
const env = { TMPDIR: folder };
const rows = 2 ** 17;
const schema = flightStream([schemaMessage([field('number', int(64))])]);
const chunk = flightStream([batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(rows * 8).fill(1)] })]);
let open: CountedStream[] = [];
server.on('long', (stream) => {
  open.push(new CountedStream(stream, schema, chunk, 300));
});
server.on('silent', (stream) => {
  begin(stream);
  stream.write(schema);
});

for (const how of ['loop', 'pending', 'unread', 'export'] as const) {
  test(`workers that are terminated: ${how}`, async () => {
    open = [];
    const report = reportOf<{ rows: number }>(await runChild('workers.ts', [String(server.port), how, '4'], { env }));
    assert.equal(report.rows, 4);
    // An export may not have asked yet.
    assert(how === 'export' || open.length >= 8);
    await Promise.all(open.map((stream) => stream.closed));
  });
}

for (const how of ['idle', 'to the end'] as const) {
  test(`workers that end by themselves: ${how}`, async () => {
    const report = reportOf<{ rows: number }>(await runChild('workers.ts', [String(server.port), how, '3'], { env }));
    assert.equal(report.rows, 4);
  });
}

for (const [how, printed] of [
  ['idle client', '"idle"'],
  ['results unread', '5'],
  ['a batch kept', `${rows}\n"72340172838076673"`],
  ['exit() with calls pending', '"exit"'],
  ['exit() within a loop', String(rows)],
  ['exit() in the answer of a call', ''],
] as const) {
  test(`a process that ends by itself: ${how}`, async () => {
    for (let round = 0; round < 3; round++) {
      const { code, signal, stdout, stderr } = await runChild('exit.ts', [String(server.port), how], { env, limit: 20_000 });
      assert.deepEqual([code, signal, stdout.trim()], [0, null, printed], stderr);
    }
  });
}

test('an error that nobody catches is what ends a process', async () => {
  const { code, signal, stderr } = await runChild('exit.ts', [String(server.port), 'an uncaught error'], { env, limit: 20_000 });
  assert.deepEqual([code, signal], [1, null]);
  assert.match(stderr, /Error: mine/);
});

test('a call that is pending keeps Node alive', async () => {
  server.on('late', (stream) => {
    stream.respond(GRPC_HEAD, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    setTimeout(() => stream.end(goodStream()), 1500);
  });
  const outcome = await runChild('exit.ts', [String(server.port), 'a call pending keeps Node alive'], { env, limit: 20_000 });
  assert.equal(reportOf<number>(outcome), 4);
});
