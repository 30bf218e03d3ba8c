// What every Node client of the bench does alike: the command line, the meter, the line of JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { letGo, metered } from './meter.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { uri: text, shape: text, rows: text, bytes: text, 'warmup-bytes': text, mode: text },
});

/** `host` and `port` of the server. */
export const { hostname: host, port } = new URL(options.uri);
export const uri = options.uri;
export const mode = options.mode;

/** Says that the client cannot do this case at all, and why; ends the program. */
export function unavailable(reason) {
  console.log(JSON.stringify({ mode, unavailable: reason }));
  process.exit(0);
}

/**
 * Reads the warm-up and checks it, reads the query twice and measures both, reads it once more and watches the event
 * loop; prints the result. `stream(query)` resolves to an async iterable of batches, `table(query)` to an array of
 * batches or to a table: whatever the client gives for "all of it".
 */
export async function measure({ stream, table }) {
  const warmup = `${options.shape} ${options.rows} ${options['warmup-bytes']}`;
  const query = `${options.shape} ${options.rows} ${options.bytes}`;
  const read = mode === 'stream' ? readStream : readTable;
  const source = mode === 'stream' ? stream : table;
  const checked = await read(source, warmup, sum);
  await letGo();
  const { tally: _, ...first } = await metered(() => read(source, query, touch));
  await letGo();
  const { tally, ...cost } = await metered(() => read(source, query, touch));
  // A pass of its own: the timer that watches would show in the processor time of the one that is measured.
  const longestEventLoopDelayMs = await watched(() => read(source, query, touch));
  const warmedUp = { rows: checked.rows, checksum: String(checked.sum) };
  console.log(JSON.stringify({ mode, rows: tally.rows, ...cost, first, longestEventLoopDelayMs, warmup: warmedUp }));
}

async function readStream(stream, query, look) {
  const tally = { rows: 0, sum: 0n };
  for await (const batch of await stream(query)) look(tally, batch);
  return tally;
}

async function readTable(table, query, look) {
  const tally = { rows: 0, sum: 0n };
  const result = await table(query);
  for (const batch of Array.isArray(result) ? result : result.batches) look(tally, batch);
  return tally;
}

/** What the measured pass looks at in a batch: its number of rows, and one value in the memory of its first column. */
function touch(tally, batch) {
  tally.rows += batch.numRows;
  if (batch.data.children[0].values[batch.numRows - 1] === undefined) throw new Error('an id is missing');
}

/** What the warm-up looks at: every value of the first column, added up with a wrap at 64 bits. */
function sum(tally, batch) {
  tally.rows += batch.numRows;
  let sum = 0n;
  for (const id of batch.getChildAt(0).toArray()) sum += id;
  tally.sum = BigInt.asIntN(64, tally.sum + sum);
}

const WATCH_EVERY_MS = 1;

/** The longest time in which the event loop did not come to a timer, beyond the timer's own interval. */
async function watched(work) {
  const histogram = monitorEventLoopDelay({ resolution: WATCH_EVERY_MS });
  histogram.enable();
  // It measures from one timer to the next: one has to have come before the work, and one after.
  await delay(20);
  await work();
  await delay(20);
  histogram.disable();
  return Math.max(0, histogram.max / 1e6 - WATCH_EVERY_MS);
}
