// Values within the buffers that nobody may follow: offsets, views, and text that is none.

import { clientOf } from './expect/client.js';
import { type HostileCase, hostileTests } from './expect/hostile-case.js';
import { startEvilServer } from './server/evil-server.js';
import { type ArrowMessage, batchMessage, schemaMessage } from './wire/arrow-message.js';
import {
  binary,
  binaryView,
  field,
  int,
  largeList,
  largeListView,
  largeUtf8,
  list,
  listView,
  map,
  struct,
  utf8,
  utf8View,
  type WireType,
} from './wire/arrow-type.js';
import { bytes, concat, int32s, int64s, longView, NOTHING, shortView, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const column = 'c';
/** A column of strings, in a batch with as many rows as there are offsets but one. */
const strings = (type: WireType, offsets: Uint8Array, width: number, data: Uint8Array): ArrowMessage[] => {
  const rows = offsets.length / width - 1;
  return [schemaMessage([field(column, type)]), batchMessage({ rows, nodes: [[rows, 0]], buffers: [NOTHING, offsets, data] })];
};
const small = (offsets: number[], data: Uint8Array, type = utf8) => strings(type, int32s(...offsets), 4, data);
const large = (offsets: (number | bigint)[], data: Uint8Array, type = largeUtf8) => strings(type, int64s(...offsets), 8, data);

const BROKEN = bytes(0x61, 0xc3, 0x28, 0x62);
const LONE_SURROGATE = bytes(0xed, 0xa0, 0x80);
const OVERLONG = bytes(0xc0, 0xaf);

const offsets: HostileCase[] = [
  { name: 'utf8: offsets that fall', messages: small([0, 4, 2, 4], text('abcd')), message: /offsets fall behind row 1/, column },
  { name: 'utf8: offsets beyond the data', messages: small([0, 2, 5], text('abcd')), message: /end at 5 where there are 4/, column },
  { name: 'utf8: offsets that begin below zero', messages: small([-4, 0, 4], text('abcd')), message: /begin at -4/, column },
  { name: 'utf8: the last offset negative', messages: small([0, 2, -1], text('abcd')), message: /fall behind row 1/, column },
  { name: 'binary: offsets that fall', messages: small([3, 1], text('abcd'), binary), message: /fall behind row 0/, column },
  { name: 'large utf8: offsets beyond 2^53', messages: large([0, 2n ** 62n], text('abcd')), message: /end at 4611686018427387904/, column },
  { name: 'large utf8: offsets that fall', messages: large([4, 0], text('abcd')), message: /fall behind row 0/, column },
  { name: 'large utf8: a negative offset', messages: large([-(2n ** 63n), 4], text('abcd')), message: /negative/, column },
];

const listOf = (type: WireType, at: Uint8Array, rows: number): ArrowMessage[] => [
  schemaMessage([field(column, type, { children: [field('item', int(64))] })]),
  batchMessage({
    rows,
    nodes: [
      [rows, 0],
      [2, 0],
    ],
    buffers: [NOTHING, at, NOTHING, int64s(1, 2)],
  }),
];
const viewsOf = (type: WireType, at: Uint8Array, sizes: Uint8Array, rows: number): ArrowMessage[] => [
  schemaMessage([field(column, type, { children: [field('item', int(64))] })]),
  batchMessage({
    rows,
    nodes: [
      [rows, 0],
      [2, 0],
    ],
    buffers: [NOTHING, at, sizes, NOTHING, int64s(1, 2)],
  }),
];

const lists: HostileCase[] = [
  { name: 'list: offsets beyond the child', messages: listOf(list, int32s(0, 3), 1), message: /end at 3 where there are 2/, column },
  { name: 'list: offsets that fall', messages: listOf(list, int32s(0, 2, 1), 2), message: /fall behind row 1/, column },
  { name: 'list: a negative offset', messages: listOf(list, int32s(-1, 2), 1), message: /begin at -1/, column },
  { name: 'large list: offsets beyond the child', messages: listOf(largeList, int64s(0, 2n ** 40n), 1), message: /end at/, column },
  {
    name: 'list view: a view beyond the child',
    messages: viewsOf(listView, int32s(1), int32s(2), 1),
    message: /takes 2 values from 1/,
    column,
  },
  { name: 'list view: a negative offset', messages: viewsOf(listView, int32s(-1), int32s(1), 1), message: /from -1 on/, column },
  { name: 'list view: a negative size', messages: viewsOf(listView, int32s(0), int32s(-1), 1), message: /takes -1 values/, column },
  {
    name: 'large list view: offset and size overflow together',
    messages: viewsOf(largeListView, int64s(2n ** 62n), int64s(2n ** 62n), 1),
    message: /row 0 of a list view/,
    column,
  },
  {
    name: 'map: a null key',
    messages: [
      schemaMessage([
        field(column, map, {
          children: [field('entries', struct, { nullable: false, children: [field('key', int(64)), field('value', int(64))] })],
        }),
      ]),
      batchMessage({
        rows: 1,
        nodes: [
          [1, 0],
          [2, 0],
          [2, 1],
          [2, 0],
        ],
        buffers: [NOTHING, int32s(0, 2), NOTHING, bytes(1), int64s(1, 2), NOTHING, int64s(1, 2)],
      }),
    ],
    message: /null keys/,
    column,
  },
];

const encodings: HostileCase[] = [
  { name: 'utf8: a broken sequence', messages: small([0, 4], BROKEN), message: /row 0 is not valid UTF-8/, column },
  { name: 'utf8: a surrogate', messages: small([0, 3], LONE_SURROGATE), message: /row 0 is not valid UTF-8/, column },
  { name: 'utf8: an overlong slash', messages: small([0, 2], OVERLONG), message: /row 0 is not valid UTF-8/, column },
  { name: 'utf8: an offset within a character', messages: small([0, 1, 2], text('é')), message: /row 0 is not valid UTF-8/, column },
  { name: 'utf8: a character cut off at the end', messages: small([0, 1], text('é')), message: /row 0 is not valid UTF-8/, column },
  { name: 'large utf8: a broken sequence', messages: large([0, 4], BROKEN), message: /row 0 is not valid UTF-8/, column },
];

const views = (
  type: WireType,
  view: Uint8Array,
  data: Uint8Array[],
  variadic: readonly number[] | undefined = [data.length],
): ArrowMessage[] => [
  schemaMessage([field(column, type)]),
  batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, view, ...data], ...(variadic === undefined ? {} : { variadic }) }),
];
const LONG = text('abcdefghijklmnop');
const LONG_BROKEN = concat(text('abcdefghijklmn'), bytes(0xc3, 0x28));

const viewCases: HostileCase[] = [
  { name: 'view: broken text within the view', messages: views(utf8View, shortView(BROKEN), []), message: /not valid UTF-8/, column },
  {
    name: 'view: broken text in a data buffer',
    messages: views(utf8View, longView(16, LONG_BROKEN, 0, 0), [LONG_BROKEN]),
    message: /not valid UTF-8/,
    column,
  },
  {
    name: 'view: a data buffer that is not there',
    messages: views(utf8View, longView(16, LONG, 1, 0), [LONG]),
    message: /data buffer 1 where/,
    column,
  },
  { name: 'view: a negative data buffer', messages: views(utf8View, longView(16, LONG, -1, 0), [LONG]), message: /data buffer -1/, column },
  {
    name: 'view: beyond its data buffer',
    messages: views(binaryView, longView(17, LONG, 0, 0), [LONG]),
    message: /17 bytes from 0 on/,
    column,
  },
  { name: 'view: a negative offset', messages: views(binaryView, longView(16, LONG, 0, -8), [LONG]), message: /from -8 on/, column },
  {
    name: 'view: the largest offset there is',
    messages: views(binaryView, longView(16, LONG, 0, 2 ** 31 - 1), [LONG]),
    message: /on of a data/,
    column,
  },
  {
    name: 'view: a negative length',
    messages: views(utf8View, shortView(LONG.subarray(0, 4), -1), []),
    message: /negative length/,
    column,
  },
  {
    name: 'view: another prefix than its string',
    messages: views(utf8View, longView(16, text('xxxx'), 0, 0), [LONG]),
    message: /prefix/,
    column,
  },
  {
    name: 'view: a count of data buffers that is negative',
    messages: views(utf8View, shortView(NOTHING), [], [-1]),
    message: /-1, which is/,
    column,
  },
  {
    name: 'view: 2^62 data buffers',
    messages: views(utf8View, shortView(NOTHING), [], [2 ** 62]),
    message: /claims \d+ data buffers/,
    column,
  },
  {
    name: 'view: more data buffers than the batch has',
    messages: views(utf8View, longView(16, LONG, 0, 0), [LONG], [2]),
    message: /fewer than its schema needs/,
    column,
  },
  {
    name: 'view: no count of data buffers',
    messages: views(utf8View, shortView(NOTHING), [], []),
    message: /does not say how many/,
    column,
  },
];

hostileTests(server, client, [...offsets, ...lists, ...encodings, ...viewCases]);
