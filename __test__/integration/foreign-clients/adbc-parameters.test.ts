import { againstBoth } from './both-servers.js';
import { fails } from './outcomes.js';
import { python } from './program.js';

const ANY = 'dense_union<int64: int64=0, float64: double=1, utf8: string=2, binary: binary=3, bool: bool=4>';

// arrow-go's server reads the text of bytes that were bound as none, and what an expression gives by the type of its first value.
const UNREADABLE = fails(/excessive number of rows/);

againstBoth(
  python('adbc_parameters'),
  {
    'an integer, text, a float and bytes are stored as they are': [[1, 'größer 漢 🦆', 0.1, '0x00ff']],
    'nulls are stored as nulls': [[1, 1, 1]],
    '64-bit integers at both ends': [
      ['9223372036854775807', 'most', 0, '0x78'],
      ['-9223372036854775808', 'least', 0, '0x78'],
    ],
    'empty text and zero are values': [[1, 1]],
    'empty bytes are no null': [['blob', 0]],
    'text and bytes of a megabyte': [[2 ** 20, 2 ** 20]],
    'booleans are one and zero': [[1]],
    'a list is as good as a tuple, one value as good as many': [[1]],
    'values that are selected themselves': [[7, 'text', 0.5, '0x01', null]],
    'parameters that are numbered, one of them used twice': [[1]],
    'parameters by their names, whatever the order of the columns': [['n', 1]],
    'many rows at once, and how many there were': [1000, [[1000, 666, 499_500]]],
    'many rows whose first is all null': [2, [[2, 1, 1]]],
    'a row that fails undoes those before it': [[[0]], /row 2 of the bound values: UNIQUE constraint failed: bound\.id/],
    'record batches of narrow integers, large text, dictionaries, and nulls': [
      3,
      [
        [1, 'x', 'p', 0.5],
        [null, null, 'q', null],
        [-3, '', 'p', -1.5],
      ],
    ],
    'decimals, dates and times are text that sorts and compares': [['12.50', '2024-02-29', '2024-02-29T13:14:15.123456']],
    'a query that is run for several rows gives the rows of all, in their order': [
      [4, 'n4'],
      [2, 'n2'],
      [4, 'n4'],
    ],
    'a prepared statement with other values each time': [['n1'], ['n2'], ['n4']],
    'the schema of the parameters': [
      ['1', ANY],
      [':name', ANY],
    ],
    'too few values and too many are refused, with both numbers': [
      /has 2 parameters, .* bring 1 columns/,
      /has 2 parameters, .* bring 3 columns/,
    ],
    'after what was refused the connection is as it was': [[1]],
  },
  {
    'an integer, text, a float and bytes are stored as they are': [[1, 'größer 漢 🦆', 0.1, '0x']],
    '64-bit integers at both ends': [
      ['9223372036854775807', 'most', 0, '0x'],
      ['-9223372036854775808', 'least', 0, '0x'],
    ],
    'empty bytes are no null': UNREADABLE,
    'text and bytes of a megabyte': UNREADABLE,
    'booleans are one and zero': fails(/unsupported type: true/),
    'values that are selected themselves': UNREADABLE,
    'parameters by their names, whatever the order of the columns': fails(/missing named argument "name"/),
    'a row that fails undoes those before it': [[[1]], /UNIQUE constraint failed: bound\.id/],
    'record batches of narrow integers, large text, dictionaries, and nulls': fails(/unsupported type: x/),
    'decimals, dates and times are text that sorts and compares': fails(/unsupported type: 12\.5/),
    'the schema of the parameters': fails(/NoneType/),
    'too few values and too many are refused, with both numbers': fails(/it was not refused/),
  },
);
