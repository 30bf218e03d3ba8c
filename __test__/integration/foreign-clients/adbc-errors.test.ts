import { againstBoth } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

const MISSING = /no such table: missing/;

againstBoth(
  python('adbc_errors'),
  {
    'SQL that is none says where': /INVALID_ARGUMENT: .*near "SELEKT": syntax error \(at byte 0/,
    'a table that is not there is named': MISSING,
    'a column that is not there is named': /no such column: missing/,
    'an update of a table that is not there is refused, with values too': [MISSING, MISSING],
    'a key that is there twice is named, and nothing is stored': [/UNIQUE constraint failed: errors\.id/, [[1]]],
    'a null where none may be, and a value that a check forbids': [
      /NOT NULL constraint failed: errors\.name/,
      /CHECK constraint failed: name <> ''/,
    ],
    'an error in the middle of a result ends it': /integer overflow/,
    'two statements at once are refused': /one statement at a time can be run/,
  },
  {
    'SQL that is none says where': /UNKNOWN: .*near "SELEKT": syntax error/,
    'two statements at once are refused': fails(/it was not refused/),
  },
);
