import { type ArrowMessage, batchMessage, schemaMessage } from '../wire/arrow-message.js';
import { field, int, utf8 } from '../wire/arrow-type.js';
import { flightStream } from '../wire/flight-data.js';
import { int32s, int64s, NOTHING, text } from '../wire/values.js';

/** Columns `number` (int64) and `word` (utf8). */
export const GOOD_SCHEMA: ArrowMessage = schemaMessage([field('number', int(64)), field('word', utf8)]);

/** Two rows: (1, 'one') and (2, 'two'). */
export const GOOD_BATCH: ArrowMessage = batchMessage({
  rows: 2,
  nodes: [
    [2, 0],
    [2, 0],
  ],
  buffers: [NOTHING, int64s(1, 2), NOTHING, int32s(0, 3, 6), text('onetwo')],
});

/** The bytes of a DoGet response with these many good batches. */
export function goodStream(batches = 2): Buffer {
  return flightStream([GOOD_SCHEMA, ...Array.from({ length: batches }, () => GOOD_BATCH)]);
}
