import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './arrow-message.js';
import * as types from './arrow-type.js';
import { bytes, compressed, concat, int8s, int32s, int64s, longView, NOTHING, shortView, text } from './values.js';
import { zstdRun } from './zstd.js';

const { encoded, field, int } = types;
const LONG = text('a string beyond twelve bytes');

/** Streams that are right, one a way in which columns are laid out. */
export const sampleStreams: Readonly<Record<string, readonly ArrowMessage[]>> = {
  numbers: [
    schemaMessage([field('a', int(64)), field('b', types.float64), field('c', types.boolean), field('d', types.decimal(38, 2, 128))]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 1],
        [2, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [bytes(1), int64s(1, 2), NOTHING, int64s(3, 4), NOTHING, bytes(3), NOTHING, int64s(1, 0, 2, 0)],
    }),
  ],
  strings: [
    schemaMessage([field('a', types.utf8), field('b', types.largeBinary), field('c', types.utf8View)]),
    batchMessage({
      rows: 3,
      nodes: [
        [3, 0],
        [3, 1],
        [3, 0],
      ],
      buffers: [
        ...[NOTHING, int32s(0, 1, 3, 6), text('aéüx!')],
        ...[bytes(5), int64s(0, 1, 2, 3), text('abc')],
        ...[NOTHING, concat(shortView(text('short')), longView(28, LONG, 0, 0), shortView(NOTHING)), LONG],
      ],
      variadic: [1],
    }),
  ],
  nested: [
    schemaMessage([
      field('a', types.list, { children: [field('item', types.utf8)] }),
      field('b', types.struct, {
        children: [field('x', int(32)), field('y', types.fixedSizeList(2), { children: [field('item', int(8))] })],
      }),
      field('c', types.map, {
        children: [
          field('entries', types.struct, {
            nullable: false,
            children: [field('key', types.utf8, { nullable: false }), field('value', int(8))],
          }),
        ],
      }),
    ]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 0],
        [3, 1],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [
        ...[NOTHING, int32s(0, 1, 3), bytes(5), int32s(0, 1, 2, 3), text('abc')],
        ...[NOTHING, NOTHING, int32s(1, 2), NOTHING, NOTHING, int8s(1, 2, 3, 4)],
        ...[NOTHING, int32s(0, 1, 2), NOTHING, NOTHING, int32s(0, 1, 2), text('kl'), NOTHING, int8s(1, 2)],
      ],
    }),
  ],
  unions: [
    schemaMessage([
      field('a', types.union('dense', [0, 1]), { children: [field('x', int(64)), field('y', types.utf8)] }),
      field('b', types.union('sparse', [3, 5]), { children: [field('x', int(64)), field('y', int(32))] }),
    ]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 0],
        [1, 0],
        [1, 0],
        [2, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [
        ...[int8s(0, 1), int32s(0, 0), NOTHING, int64s(1), NOTHING, int32s(0, 1), text('u')],
        ...[int8s(3, 5), NOTHING, int64s(1, 2), NOTHING, int32s(3, 4)],
      ],
    }),
  ],
  dictionaries: [
    schemaMessage([encoded('a', types.utf8, 1, 8), encoded('b', int(64), 2, 64), encoded('c', types.utf8, 1, 16, false)]),
    dictionaryMessage(1, { rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 1, 2), text('ab')] }),
    dictionaryMessage(2, { rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int64s(9)] }),
    dictionaryMessage(1, { rows: 1, nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 1), text('c')] }, true),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 0],
        [2, 1],
        [2, 0],
      ],
      buffers: [NOTHING, int8s(0, 2), bytes(1), int64s(0, 77), NOTHING, bytes(1, 0, 2, 0)],
    }),
  ],
  normalised: [
    schemaMessage([
      field('a', types.listView, { children: [field('item', types.utf8)] }),
      field('b', types.largeListView, { children: [field('item', int(16))] }),
      field('c', types.runEndEncoded, { children: [field('run_ends', int(16), { nullable: false }), field('values', types.utf8)] }),
    ]),
    batchMessage({
      rows: 3,
      nodes: [
        [3, 0],
        [2, 0],
        [3, 1],
        [2, 0],
        [3, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [
        ...[NOTHING, int32s(1, 0, 0), int32s(1, 2, 0), NOTHING, int32s(0, 1, 2), text('ab')],
        ...[bytes(6), int64s(0, 0, 1), int64s(0, 2, 1), NOTHING, bytes(1, 0, 2, 0)],
        ...[NOTHING, bytes(1, 0, 3, 0), NOTHING, int32s(0, 1, 2), text('xy')],
      ],
    }),
  ],
  compressed: [
    schemaMessage([field('a', int(64)), field('b', types.utf8)]),
    batchMessage({
      rows: 4,
      nodes: [
        [4, 0],
        [4, 0],
      ],
      buffers: [NOTHING, compressed(32, zstdRun(32)), NOTHING, compressed(20, zstdRun(20)), compressed(-1, text('plain'))],
      compression: 'zstd',
    }),
  ],
};
