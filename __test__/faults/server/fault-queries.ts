import { batchMessage, type FieldNode, schemaMessage } from '../wire/arrow-message.js';
import { field, int, listView, runEndEncoded } from '../wire/arrow-type.js';
import { flightStream } from '../wire/flight-data.js';
import { compressed, int32s, NOTHING } from '../wire/values.js';
import { zstdRun } from '../wire/zstd.js';
import type { EvilServer } from './evil-server.js';
import { grpcAnswer } from './grpc-answer.js';

const MIB = 2 ** 20;
const ROWS = 100_000;

const number = field('c', int(64));
const numbers = (rows: number) => batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, new Uint8Array(rows * 8)] });
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Queries that ask for memory in different ways. What has to be decoded is large enough for a thread of its own. */
const QUERIES: Readonly<Record<string, Buffer>> = {
  'plain and large': flightStream([schemaMessage([number]), numbers(ROWS)]),
  // Each is more than one delivery takes with it.
  'one by one': flightStream([schemaMessage([number]), ...times(3, numbers((5 * MIB) / 8))]),
  'many batches': flightStream([schemaMessage([number]), ...times(100, numbers(1000))]),
  compressed: flightStream([
    schemaMessage([number, field('d', int(8))]),
    batchMessage({
      rows: ROWS,
      nodes: times<FieldNode>(2, [ROWS, 0]),
      buffers: [NOTHING, compressed(ROWS * 8, zstdRun(ROWS * 8)), NOTHING, compressed(-1, new Uint8Array(ROWS))],
      compression: 'zstd',
    }),
  ]),
  // Both views show the whole child.
  'list views': flightStream([
    schemaMessage([field('c', listView, { children: [field('item', int(64))] })]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 0],
        [ROWS, 0],
      ],
      buffers: [NOTHING, int32s(0, 0), int32s(ROWS, ROWS), NOTHING, new Uint8Array(ROWS * 8)],
    }),
  ]),
  'run ends': flightStream([
    schemaMessage([field('c', runEndEncoded, { children: [field('run_ends', int(32), { nullable: false }), field('values', int(64))] })]),
    batchMessage({
      rows: ROWS,
      nodes: [
        [ROWS, 0],
        [1, 0],
        [1, 0],
      ],
      buffers: [NOTHING, int32s(ROWS), NOTHING, new Uint8Array(8)],
    }),
  ]),
};

/** The server, with the queries above. */
export function withFaultQueries(server: EvilServer): EvilServer {
  for (const [query, bytes] of Object.entries(QUERIES)) server.on(query, (stream) => grpcAnswer(stream, [bytes]));
  return server;
}
