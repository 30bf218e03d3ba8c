// Hosts that allow no external ArrayBuffers get copies: everything reads right, and the copies are counted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyReport } from './child/copied.js';
import { reportOf, runChild } from './child/run-child.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, int, utf8, utf8View } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { bytes, concat, int8s, int32s, int64s, longView, NOTHING, shortView, text } from './wire/values.js';

const server = await startEvilServer();

const LONG = 'a string beyond twelve bytes';
// Beyond 256 KiB a body lies in a block of its own.
const COUNT = 50_000;

const queries: Record<string, { readonly messages?: readonly ArrowMessage[]; readonly read: CopyReport['read'][string] }> = {
  [GOOD_QUERY]: { read: [4, ['1', 'one'], ['2', 'two']] },
  large: {
    messages: [
      schemaMessage([field('number', int(64))]),
      batchMessage({ rows: COUNT, nodes: [[COUNT, 0]], buffers: [NOTHING, int64s(...Array.from({ length: COUNT }, (_, at) => 3 * at))] }),
    ],
    read: [COUNT, ['0'], [String(3 * (COUNT - 1))]],
  },
  'a dictionary that grows': {
    messages: [
      schemaMessage([encoded('word', utf8, 1, 8)]),
      dictionaryMessage(1, { rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 3, 6), text('onetwo')] }),
      batchMessage({ rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int8s(1, 0)] }),
      dictionaryMessage(1, { rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 5), text('three')] }, true),
      batchMessage({ rows: 2, nodes: [[2, 1]], buffers: [bytes(2), int8s(0, 2)] }),
    ],
    read: [4, ['two'], ['three']],
  },
  views: {
    messages: [
      schemaMessage([field('word', utf8View)]),
      batchMessage({
        rows: 2,
        nodes: [[2, 0]],
        buffers: [NOTHING, concat(longView(LONG.length, text(LONG), 0, 0), shortView(text('short'))), text(LONG)],
        variadic: [1],
      }),
    ],
    read: [2, [LONG], ['short']],
  },
};
for (const [query, { messages }] of Object.entries(queries)) {
  if (messages !== undefined) server.on(query, (stream) => grpcAnswer(stream, [flightStream(messages)]));
}

for (const [setting, copies] of [
  ['off', true],
  ['on', false],
] as const) {
  test(`FLIGHTSQL_EXTERNAL_BUFFERS=${setting}: every value is right, ${copies ? 'from copies' : 'without a copy'}`, async () => {
    const args = [String(server.port), ...Object.keys(queries)];
    const report = reportOf<CopyReport>(await runChild('copied.ts', args, { env: { FLIGHTSQL_EXTERNAL_BUFFERS: setting } }));
    const expected = Object.entries(queries).map(([query, { read }]) => [query, read] as const);
    assert.deepEqual(report.read, Object.fromEntries(expected));
    assert.deepEqual(
      report.ipcRows,
      expected.map(([, [count]]) => count),
    );
    assert(report.received > 8 * COUNT, 'the bodies were received');
    if (copies) assert(report.copied >= report.received, `${report.copied} bytes of ${report.received} were counted as copied`);
    else assert.equal(report.copied, 0);
    assert.equal(report.handedOut, 0);
  });
}
