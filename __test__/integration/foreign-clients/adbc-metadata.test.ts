import { againstBoth } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

againstBoth(
  python('adbc_metadata'),
  {
    catalogs: ['main'],
    'the schemas of a catalog': ['main', ['']],
    'tables by the pattern of their name': [
      ['meta_child', 'table'],
      ['meta_parent', 'table'],
    ],
    'tables by their type': [['meta_view', 'view']],
    'tables of a catalog and a schema, and of those that are not there': [['meta_child'], []],
    'the columns of a table, with their types and places': [
      ['a', 1, -5],
      ['b', 2, 6],
      ['name', 3, 12],
    ],
    'columns by the pattern of their name': ['pa', 'pb'],
    'the types that columns were declared with': ['INTEGER', 'REAL', 'TEXT'],
    'the schema of a table': [
      ['a', 'int64'],
      ['b', 'double'],
      ['name', 'string'],
    ],
    'the schema of a table that is not there is refused': /NOT_FOUND/,
    'the types of tables': ['table', 'view', 'virtual'],
    'what the server says of itself': ['flightsql embedded server', /^\d+\.\d+\.\d+/, /^\d+\.\d+\.\d+/],
    'options of the session, before any is set': '{}',
    'options of the session, set and read and erased': [['main', 5], '{"catalog":"main"}', [[1]]],
  },
  {
    'the types that columns were declared with': [null, null, null],
    'the types of tables': ['table', 'view'],
    'what the server says of itself': ['db_name', 'sqlite 3', /^\d+\.\d+\.\d+/],
    'options of the session, set and read and erased': fails(/SetSessionOptions not implemented/),
  },
);
