import { againstBoth, againstEmbedded } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

againstBoth(
  python('adbc_queries'),
  {
    'numbers, text and a null': [[1, -2.5, 'x', null]],
    '64-bit integers at both ends': [['9223372036854775807', '-9223372036854775808']],
    'text: empty, with quotes, of every plane': [['', 'it\'s "so"', 'größer 漢 🦆']],
    'bytes: none, zero and 255': [['0x'], ['0x00ff']],
    'bytes that a literal gives': [['0x00ff']],
    'a null among bytes is none': [[null]],
    'the types of columns in Arrow': [
      ['i', 'int64'],
      ['f', 'double'],
      ['t', 'string'],
      ['b', 'binary'],
    ],
    'a result without rows has its columns': [
      0,
      [
        ['i', 'int64'],
        ['t', 'string'],
      ],
    ],
    'many rows, every one of them once': [100_000, true],
    'row by row, a few at a time, and the rest': [[1], [[2], [3]], [[4], [5], [6]], null],
    'several endpoints, asked for by a header: every row once': [4, true],
    'several endpoints read as one result: every row once': true,
    'batches of the size that a header asks for': [10, 10, 5],
    'the schema of a query before it runs': [
      ['i', 'int64'],
      ['t', 'string'],
    ],
    'two results that are read by turns': [
      [[1], [-1]],
      [[2], [-2]],
      [[3], [-3]],
    ],
    'a result that is closed in its middle leaves the connection as it was': [[1], [[100_000]]],
  },
  {
    'numbers, text and a null': fails(/excessive number of rows/),
    'bytes that a literal gives': fails(/Scan error/),
    'a null among bytes is none': [['0x']],
    'several endpoints, asked for by a header: every row once': fails(/prepared statement not found/),
    'batches of the size that a header asks for': [25],
    'the schema of a query before it runs': fails(/did not provide schema/),
  },
);

// A column that is declared DECIMAL ends arrow-go's server.
againstEmbedded(python('adbc_types'), {
  'values of the types that columns are declared with': [
    [true, '12.50', '2024-02-29', '13:14:15.500000', '2024-02-29T13:14:15.123456', -5],
  ],
  'nulls of every declared type': [[null, null, null, null, null, null]],
  'the types of declared columns in Arrow': [
    ['yes', 'bool'],
    ['price', 'decimal128(12, 2)'],
    ['day', 'date32[day]'],
    ['hour', 'time64[us]'],
    ['moment', 'timestamp[us]'],
    ['small', 'int16'],
  ],
});
