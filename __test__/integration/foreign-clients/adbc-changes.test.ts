import { againstBoth, againstEmbedded } from './both-servers.js';
import { python } from './program.js';

againstBoth(
  python('adbc_changes'),
  {
    'a table, an index and a view are made, altered and dropped': [[['a']], /no such table: made/],
    'an update tells how many rows it changed': [3, 2, 0, 1],
    'a statement that changes the database does so when it is run as a query, once': [[], [[3]]],
    'the rows that an update returns': [
      [1, 'r'],
      [2, 'r'],
    ],
    'the rows that an update with parameters returns': [[5, 'p']],
    'a transaction that is rolled back leaves nothing': [[[5]], [[4]]],
    'a transaction that is committed stays': [[11]],
    'one transaction after another on a connection': [[12], [14]],
    'updates, tables and many rows of a transaction are undone together': [[2, 2], [[0]], /no such table: passing/],
    'after an error a transaction can be rolled back, and the next one begun': [[[17]], /UNIQUE constraint failed: changes\.id/],
    'when a connection commits by itself again, what it did is committed': [[18], [19]],
  },
  {},
);

// In arrow-go's server one who reads waits for one who has written, without an end.
againstEmbedded(python('adbc_isolation'), {
  'nobody else sees what is not committed': [[], [[1]]],
  'a transaction reads what was there when it first read': [[[1]], [[1]], [[1], [2]]],
  'what a connection did not commit before it was closed is not to be seen': [],
});
