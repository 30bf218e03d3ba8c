// Leaves the process in one of several untidy ways. Arguments: port, how.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlightSQLClient } from 'flightsql';

const [port, how = 'end'] = process.argv.slice(2);
// A process that is ended leaves the file under way where it is.
const folder = mkdtempSync(join(tmpdir(), 'flightsql-exit-'));
const client = new FlightSQLClient({ host: '127.0.0.1', port: Number(port), transport: 'tcp' });
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

switch (how) {
  case 'idle client': {
    await client.connect();
    say('idle');
    break;
  }
  case 'results unread': {
    const results = await Promise.all(Array.from({ length: 5 }, () => client.query('long')));
    await Promise.all(results.map((result) => result.schema()));
    say(results.length);
    break;
  }
  case 'a batch kept': {
    const batches = (await client.query('long'))[Symbol.asyncIterator]();
    const { value } = await batches.next();
    say(value?.numRows);
    process.on('exit', () => say(value?.getChildAt(0)?.get(0)?.toString()));
    break;
  }
  case 'exit() with calls pending': {
    for (let at = 0; at < 5; at++) {
      void client.query('long').then((result) => result.table());
      void client.doGet(Buffer.from('long')).readAll();
      void client.query('silent').then((result) => result.table());
      void client.exportTo('silent', join(folder, `never-${at}.parquet`));
    }
    const batches = (await client.query('long'))[Symbol.asyncIterator]();
    await batches.next();
    say('exit');
    process.exit(0);
    break;
  }
  case 'exit() within a loop': {
    for await (const batch of await client.query('long')) {
      say(batch.numRows);
      process.exit(0);
    }
    break;
  }
  case 'exit() in the answer of a call': {
    client.query('good').then(() => process.exit(0));
    break;
  }
  case 'a call pending keeps Node alive': {
    const table = await (await client.query('late')).table();
    say(table.numRows);
    break;
  }
  case 'an uncaught error': {
    const batches = (await client.query('long'))[Symbol.asyncIterator]();
    await batches.next();
    say('throwing');
    throw new Error('mine');
  }
}
