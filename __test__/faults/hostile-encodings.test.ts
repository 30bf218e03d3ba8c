// Values that stand for others, and stand for none: dictionary indices, type ids of unions, run ends.

import { clientOf } from './expect/client.js';
import { type HostileCase, hostileTests } from './expect/hostile-case.js';
import { startEvilServer } from './server/evil-server.js';
import { type ArrowMessage, type BatchParts, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, field, int, runEndEncoded, union, utf8 } from './wire/arrow-type.js';
import { bytes, int8s, int16s, int32s, int64s, NOTHING, text } from './wire/values.js';

const server = await startEvilServer();
const client = clientOf(server);

const column = 'c';
const BROKEN = bytes(0x61, 0xc3, 0x28, 0x62);

const words = (parts: Partial<BatchParts>): BatchParts => ({
  rows: 0,
  nodes: [[2, 0]],
  buffers: [NOTHING, int32s(0, 1, 2), text('ab')],
  ...parts,
});
const byIndex = (bits: number, signed: boolean, indices: Uint8Array, values: ArrowMessage[] = [dictionaryMessage(7, words({}))]) => [
  schemaMessage([encoded(column, utf8, 7, bits, signed)]),
  ...values,
  batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [NOTHING, indices] }),
];

const dictionaries: HostileCase[] = [
  { name: 'dictionary: never sent', messages: byIndex(32, true, int32s(0), []), message: /dictionary that was never sent/, column },
  {
    name: 'dictionary: an 8-bit index beyond it',
    messages: byIndex(8, true, int8s(2)),
    message: /index beyond its dictionary, which has 2/,
    column,
  },
  { name: 'dictionary: a negative 8-bit index', messages: byIndex(8, true, int8s(-1)), message: /beyond its dictionary/, column },
  { name: 'dictionary: an unsigned 8-bit index', messages: byIndex(8, false, bytes(255)), message: /beyond its dictionary/, column },
  { name: 'dictionary: a 16-bit index', messages: byIndex(16, true, int16s(2)), message: /beyond its dictionary/, column },
  { name: 'dictionary: a negative 16-bit index', messages: byIndex(16, true, int16s(-2)), message: /beyond its dictionary/, column },
  { name: 'dictionary: an unsigned 16-bit index', messages: byIndex(16, false, int16s(-1)), message: /beyond its dictionary/, column },
  { name: 'dictionary: a negative 32-bit index', messages: byIndex(32, true, int32s(-1)), message: /beyond its dictionary/, column },
  { name: 'dictionary: an unsigned 32-bit index', messages: byIndex(32, false, int32s(-1)), message: /beyond its dictionary/, column },
  { name: 'dictionary: a negative 64-bit index', messages: byIndex(64, true, int64s(-1)), message: /beyond its dictionary/, column },
  {
    name: 'dictionary: a 64-bit index that is a value in its low half',
    messages: byIndex(64, false, int64s(2n ** 32n)),
    message: /beyond its/,
    column,
  },
  {
    name: 'dictionary: an index beyond the one that replaced it',
    messages: byIndex(32, true, int32s(1), [
      dictionaryMessage(7, words({})),
      dictionaryMessage(7, words({ nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 1), text('a')] })),
    ]),
    message: /which has 1 values/,
    column,
  },
  {
    name: 'dictionary: an index beyond the delta',
    messages: byIndex(32, true, int32s(4), [dictionaryMessage(7, words({})), dictionaryMessage(7, words({}), true)]),
    message: /which has 4 values/,
    column,
  },
  {
    name: 'dictionary: broken text among its values',
    messages: byIndex(32, true, int32s(0), [dictionaryMessage(7, words({ nodes: [[1, 0]], buffers: [NOTHING, int32s(0, 4), BROKEN] }))]),
    message: /not valid UTF-8/,
    column,
  },
  {
    name: 'dictionary: offsets of its values that fall',
    messages: byIndex(32, true, int32s(0), [dictionaryMessage(7, words({ buffers: [NOTHING, int32s(0, 2, 1), text('ab')] }))]),
    message: /offsets fall/,
    column,
  },
];

const unions = (mode: 'sparse' | 'dense', ids: Uint8Array, at: Uint8Array[], childRows = 1): ArrowMessage[] => [
  schemaMessage([field(column, union(mode, [3, 5]), { children: [field('a', int(64)), field('b', int(64))] })]),
  batchMessage({
    rows: 1,
    nodes: [
      [1, 0],
      [childRows, 0],
      [childRows, 0],
    ],
    buffers: [ids, ...at, NOTHING, int64s(1), NOTHING, int64s(2)],
  }),
];

const unionCases: HostileCase[] = [
  {
    name: 'sparse union: a type id it does not declare',
    messages: unions('sparse', int8s(4), []),
    message: /type id 4, which it does not/,
    column,
  },
  { name: 'sparse union: a negative type id', messages: unions('sparse', int8s(-1), []), message: /type id -1/, column },
  { name: 'dense union: a type id it does not declare', messages: unions('dense', int8s(0), [int32s(0)]), message: /type id 0/, column },
  {
    name: 'dense union: an offset beyond the child',
    messages: unions('dense', int8s(3), [int32s(1)]),
    message: /value 1 of a child that has 1/,
    column,
  },
  { name: 'dense union: a negative offset', messages: unions('dense', int8s(5), [int32s(-1)]), message: /value -1/, column },
  {
    name: 'dense union: an offset into an empty child',
    messages: unions('dense', int8s(5), [int32s(0)], 0),
    message: /child that has 0/,
    column,
  },
  {
    name: 'sparse union: a child of another length',
    messages: unions('sparse', int8s(3), [], 0),
    message: /0 values where 1/,
    column: `${column}.a`,
  },
];

const runs = (ends: Uint8Array, width: number, rows: number | bigint, nulls = 0): ArrowMessage[] => {
  const count = ends.length / (width / 8);
  return [
    schemaMessage([
      field(column, runEndEncoded, { children: [field('run_ends', int(width), { nullable: false }), field('values', int(64))] }),
    ]),
    batchMessage({
      rows,
      nodes: [
        [rows, 0],
        [count, nulls],
        [count, 0],
      ],
      buffers: [bytes(0), ends, NOTHING, int64s(...Array.from({ length: count }, (_, at) => at))],
    }),
  ];
};

const runCases: HostileCase[] = [
  { name: 'run ends: falling', messages: runs(int32s(3, 2), 32, 2), message: /ends at 2 behind one that ends at 3/, column },
  { name: 'run ends: repeated', messages: runs(int32s(2, 2), 32, 2), message: /ends at 2 behind/, column },
  { name: 'run ends: zero', messages: runs(int16s(0), 16, 0), message: /ends at 0 behind/, column },
  { name: 'run ends: negative', messages: runs(int64s(-5), 64, 1), message: /ends at -5/, column },
  { name: 'run ends: short of the rows', messages: runs(int32s(2), 32, 5), message: /end at 2 where the array has 5/, column },
  { name: 'run ends: none', messages: runs(NOTHING, 32, 5), message: /end at 0 where/, column },
  { name: 'run ends: null', messages: runs(int32s(5), 32, 5, 1), message: /run ends are null/, column },
];

hostileTests(server, client, [...dictionaries, ...unionCases, ...runCases]);
