import { againstBoth, type Expectations } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

const ingest = {
  'create makes the table': [
    2,
    [
      [1, 'größer 漢 🦆'],
      [2, null],
    ],
  ],
  'create of a table that is there is refused, and nothing is added': [
    /already.exists/i,
    [
      [1, 'größer 漢 🦆'],
      [2, null],
    ],
  ],
  'append adds to the table': [
    1,
    [
      [1, 'größer 漢 🦆'],
      [2, null],
      [3, 'c'],
    ],
  ],
  'append to a table that is not there is refused': /not_there/,
  'replace leaves what is new alone': [1, [[3, 'c']]],
  'replace may change the columns': [1, [[7, 0.5]]],
  'create_append makes the table, and adds to it the next time': [
    [2, 1],
    [
      [1, 'größer 漢 🦆'],
      [2, null],
      [3, 'c'],
    ],
  ],
  'columns that the table lacks are refused, and nothing is added': [/missing/, [[3]]],
  'columns are found by their names': [1, [[4, 't']]],
  'many rows in many batches': [100_000, [[100_000, 4_999_950_000]]],
  // Without rows the driver sends nothing, not even what it is for.
  'a table without rows is refused': fails(/must bring a descriptor/),
  'a table comes back as it was put': [
    [
      ['i', 'int64'],
      ['f', 'double'],
      ['t', 'string'],
      ['b', 'binary'],
    ],
    true,
  ],
  'what is put while a transaction is open is not part of it': [[2]],
} satisfies Expectations;

// arrow-go's server has no ingest.
const UNIMPLEMENTED = /DoPutCommandStatementIngest not implemented/;

againstBoth(python('adbc_ingest'), ingest, {
  ...Object.fromEntries(Object.keys(ingest).map((step) => [step, fails(UNIMPLEMENTED)])),
  'create of a table that is there is refused, and nothing is added': fails(/no such table: put/),
  'append to a table that is not there is refused': UNIMPLEMENTED,
  'columns that the table lacks are refused, and nothing is added': fails(/no such table: grown/),
  'a table without rows is refused': fails(/failed to read input stream: EOF/),
});
