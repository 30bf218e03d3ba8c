import { againstBoth } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

const COLUMNS = [
  ['id', 'int64'],
  ['name', 'string'],
  ['weight', 'double'],
];
const REFERENCE = [['items', 'id', 'parts', 'item']];

againstBoth(
  python('flightsql_client'),
  {
    'an update tells how many rows it changed': [2, 0],
    'a query has one endpoint, and its rows': [
      1,
      [
        [1, 'a', 0.5],
        [2, null, null],
      ],
    ],
    'a query has its schema before its rows are read': COLUMNS,
    'several endpoints, asked for by a header: every row once': [3, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    'a ticket is read twice': [
      [[1], [2]],
      [[1], [2]],
    ],
    'a prepared statement runs with the record batch that was bound': [[['a']], [[null]]],
    'a prepared statement without parameters': [[1], [2]],
    'a prepared statement that was closed is gone': /there is no prepared statement of that handle/,
    'catalogs, and the types of tables': [[['main']], [['table'], ['view'], ['virtual']]],
    'schemas, by catalog and pattern': [[['main', '']], [], []],
    'tables, by type and pattern': [
      [
        ['items', 'table'],
        ['parts', 'table'],
      ],
      [['named', 'view']],
      [],
    ],
    'a table with its schema': ['items', COLUMNS],
    'primary, imported and exported keys, and those between two tables': [[['items', 'id', 1]], REFERENCE, REFERENCE, REFERENCE, []],
    'all types, and those of one number': [true, [4]],
    'what the server says of itself: all of it, and one thing': [true, [[504, '"']]],
  },
  {
    'a query has its schema before its rows are read': fails(/NoneType/),
    'several endpoints, asked for by a header: every row once': [1, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    'a prepared statement that was closed is gone': /prepared statement not found/,
    'catalogs, and the types of tables': [[['main']], [['table']]],
    'schemas, by catalog and pattern': [[['main', '']], [['main', '']], []],
    'what the server says of itself: all of it, and one thing': [false, [[504, '"']]],
  },
);
