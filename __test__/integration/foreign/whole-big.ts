import assert from 'node:assert/strict';
import type { FlightSQLClient } from 'flightsql';
import { DATAFUSION_BIG } from '../../servers/datafusion.js';

/** Reads DataFusion's table `big` to its end: every row once, and every value as it was made. */
export async function readWholeBig(client: FlightSQLClient): Promise<void> {
  let [rows, sum, remainders, characters] = [0, 0n, 0n, 0];
  for await (const batch of await client.query('SELECT id, remainder, name FROM big')) {
    rows += batch.numRows;
    for (const id of batch.getChild('id') ?? []) sum += id;
    for (const remainder of batch.getChild('remainder') ?? []) remainders += remainder;
    for (const name of batch.getChild('name') ?? []) characters += name.length;
  }
  const count = BigInt(DATAFUSION_BIG);
  assert.equal(rows, DATAFUSION_BIG);
  assert.equal(sum, (count * (count + 1n)) / 2n);
  assert.equal(remainders, (count / 1000n) * 499_500n);
  // 'row ', and the digits of the numbers from 1 to a million.
  assert.equal(characters, 4 * DATAFUSION_BIG + 5_888_896);
}
