import { againstBoth } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

const MISSING = /no such table: missing/;

againstBoth(
  python('dbapi'),
  {
    'numbers, text and nulls of a table, with the description of its columns': [
      [
        [1, 'größer 漢 🦆', 1.5],
        [2, null, 2.5],
      ],
      [
        ['id', 'BIGINT'],
        ['name', 'TEXT'],
        ['weight', 'FLOAT'],
      ],
    ],
    '64-bit integers at both ends': [['9223372036854775807', '-9223372036854775808']],
    'one row, some rows, and the rest': [5, [1], [[2], [3]], [[4], [5]], null],
    'a cursor is iterated': [[1], [2]],
    'many rows, every one of them once': true,
    'no rows': [
      [],
      [
        ['id', 'BIGINT'],
        ['name', 'TEXT'],
      ],
    ],
    'parameters of a query: an integer and text': [[1], [2]],
    'parameters of an update: an integer of 64 bits, text, a float': [['4611686018427387904', '', 0.1]],
    'bytes and a boolean as parameters': [['0x00ff', 1]],
    'values of every kind, selected themselves': [['4611686018427387904', 'a', 1.5, '0x01', 0]],
    'an update for many rows': [
      [10, 'a', 0.5],
      [11, 'b', 1.5],
    ],
    'the columns of a table': [
      ['id', 'BIGINT', true],
      ['name', 'TEXT', true],
      ['weight', 'FLOAT', true],
    ],
    'the names of tables and of schemas': [true, ['']],
    'the keys of tables': [[['api', 'id', 1]], [['api', 'id', 'child', 'parent', 3, 0]]],
    'what the server says of itself, by numbers': { 0: 'flightsql embedded server', 3: false, 504: '"' },
    "what is wrong comes in the server's words, and the connection goes on": [
      [/near "SELEKT": syntax error/, MISSING, /UNIQUE constraint failed: api\.id/],
      [[1]],
    ],
  },
  {
    'bytes and a boolean as parameters': fails(/missing argument with index 1/),
    'values of every kind, selected themselves': fails(/missing argument with index 1/),
    'what the server says of itself, by numbers': { 0: 'db_name', 3: false, 504: '"' },
  },
);

againstBoth(
  python('sqlalchemy_dialect'),
  {
    'a table is made': true,
    'rows are inserted, one and many': [
      [1, 'größer 漢 🦆'],
      [2, 'b'],
      [3, 'c'],
    ],
    'expressions with parameters': [['c']],
    'rows are updated and deleted': [[2, 'changed']],
    'a table is reflected, with its types and its primary key': [
      ['id', 'BIGINT', true],
      ['text', 'TEXT', false],
    ],
    'names are found out': [true, [''], false],
    'parameters written into the statement, where prepared ones are not asked for': [['größer 漢 🦆']],
    "what is wrong comes in the server's words, and the connection goes on": [MISSING, [[1]]],
    'a table is dropped': false,
  },
  {},
);
