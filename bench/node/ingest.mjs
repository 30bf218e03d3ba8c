// This package: one record batch of the shape, given again and again by an iterable.
import { parseArgs } from 'node:util';
import { connect } from 'flightsql';
import { letGo, metered } from './meter.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { uri: text, shape: text, rows: text, batches: text, 'warmup-batches': text },
});
const { shape, rows } = options;

const db = await connect(options.uri);
try {
  // The server tells what it is to be sent, so that every client sends the same.
  const [batch] = (await (await db.query(`${shape} ${rows} 1`)).table()).batches;
  const ingest = (table, batches) => db.executeIngest(table, repeated(batch, Number(batches)), { mode: 'append' });
  const checked = await ingest(`checked ${shape} ${rows}`, options['warmup-batches']);
  await letGo();
  const { tally: _, ...first } = await metered(() => ingest('counted', options.batches));
  await letGo();
  const { tally, ...cost } = await metered(() => ingest('counted', options.batches));
  console.log(JSON.stringify({ rows: Number(tally), ...cost, first, checkedRows: Number(checked) }));
} finally {
  await db.close();
}

function* repeated(batch, times) {
  for (let at = 0; at < times; at++) yield batch;
}
