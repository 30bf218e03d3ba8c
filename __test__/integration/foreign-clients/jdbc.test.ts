import { againstBoth, type Expectations } from './both-servers.js';
import { fails } from './outcomes.js';
import { jdbc } from './program.js';

const MISSING = /no such table: missing/;
const REFERENCE = [['items', 'id', 'parts', 'item', '0']];

// The driver takes a prepared statement without the schema of its rows for an update, and arrow-go's server tells none.
function noQueries(...steps: string[]): Expectations {
  return Object.fromEntries(steps.map((step) => [step, fails(/did not return a result set|getMetaData/)]));
}

const queries = {
  'numbers, text and a null': [[1, -2.5, 'größer 漢 🦆', null]],
  '64-bit integers at both ends': [['9223372036854775807', '-9223372036854775808']],
  'values of the types that columns are declared with': [
    [true, '12.50', '2024-02-29', '13:14:15.500', '2024-02-29 13:14:15.123456', -5, 0.1, 'a', '0x00ff'],
  ],
  'nulls of every declared type': [[null, null, null, null, null, null, null, null, null]],
  'the types and the tables of columns': [
    ['small', 5, 'typed', 'main'],
    ['price', 3, 'typed', 'main'],
    ['weight', 8, 'typed', 'main'],
    ['name', 12, 'typed', 'main'],
    [12, 2],
  ],
  'values by the types that are asked for': [true, '12.50', '2024-02-29', '2024-02-29 13:14:15.123456', -5, 0.1, 'a', '0x00ff', false],
  'no rows': [],
  'many rows, every one of them once': [100_000, 5_000_050_000],
  'a limit of rows': [[1], [2]],
  'two results that are read by turns': [
    [1, -1],
    [2, -2],
  ],
  'a prepared query runs again': [[2], [2]],
  'execute tells a query from an update': [true, [[1]], false, 2],
  'several endpoints, asked for by a header: every row once': [100_000, 5_000_050_000],
};
const { 'a prepared query runs again': _, ...others } = queries;
againstBoth(jdbc('JdbcQueries'), queries, noQueries(...Object.keys(others)));

againstBoth(
  jdbc('JdbcChanges'),
  {
    'a table, an index and a view are made, altered and dropped': /no such table: made/,
    'an update tells how many rows it changed': [3, 2, 0, 1],
    'a prepared update without parameters': [1, 1],
    'rows that an update returns are its result': [['p'], ['p']],
    'a rollback undoes nothing': 1,
    'SQL that is none': /near "SELEKT": syntax error/,
    'a table that is not there is named': MISSING,
    'a key that is there twice is named': /UNIQUE constraint failed: changes\.id/,
    'after what was refused the connection is as it was': [
      [
        [1, 'a'],
        [2, 'd'],
      ],
      true,
    ],
  },
  noQueries('rows that an update returns are its result', 'after what was refused the connection is as it was'),
);

// A parameter of SQLite takes a value of any type, which is a union in Arrow: the driver binds no unions, and where it is told of no parameters
// it has none.
const UNION = fails(/Binding to vector type class .*DenseUnionVector is not yet supported/);
const NONE = fails(/parameter ordinal 1 out of range/);

againstBoth(
  jdbc('JdbcParameters'),
  {
    'how many parameters a statement has': 2,
    'an integer as a parameter of a query': UNION,
    'text as a parameter of an update': UNION,
    'after that the connection is as it was': [[1, 'a']],
  },
  {
    'how many parameters a statement has': 0,
    'an integer as a parameter of a query': NONE,
    'text as a parameter of an update': NONE,
    ...noQueries('after that the connection is as it was'),
  },
);

againstBoth(
  jdbc('JdbcMetadata'),
  {
    catalogs: [['main']],
    schemas: [['main', '']],
    'the types of tables': [['table'], ['view'], ['virtual']],
    'tables by pattern': [
      ['items', 'table'],
      ['parts', 'table'],
    ],
    'tables by type': [['named', 'view']],
    'tables that are not there': [],
    'columns, with their types and places': [
      ['id', -5, 1],
      ['name', 12, 2],
      ['weight', 8, 3],
    ],
    'the types that columns were declared with': [['INTEGER'], ['TEXT'], ['REAL']],
    'primary keys': [['items', 'id', 1]],
    'imported keys': REFERENCE,
    'exported keys': REFERENCE,
    'the keys between two tables': REFERENCE,
    'what the server says of itself': ['flightsql embedded server', /^\d+\.\d+\.\d+/],
    'how names are quoted': '"',
    'what the server can': [false, true, true, true, true, true, true],
    'the functions that there are': [true, true],
    'a catalog that is chosen begins a session': [[[1]], /Channel shutdown invoked/],
  },
  {
    'the types of tables': [['table'], ['view']],
    'the types that columns were declared with': [['BIGINT'], ['VARCHAR'], ['DOUBLE']],
    'what the server says of itself': ['db_name', 'sqlite 3'],
    'what the server can': fails(/NullPointerException/),
    'the functions that there are': [false, false],
    'a catalog that is chosen begins a session': fails(/SetSessionOptions not implemented/),
  },
);
