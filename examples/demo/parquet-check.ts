import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** What is compared of a table of orders: its rows, and sums over columns of several types. */
export interface Totals {
  readonly rows: number;
  readonly ids: bigint;
  /** The sum of the amounts, in cents. */
  readonly cents: bigint;
  /** The sum of the times, in seconds since 1970. */
  readonly seconds: bigint;
  readonly notes: number;
  /** Letters of all notes together. */
  readonly letters: number;
}

/** Reads the totals out of a Parquet file, with a reader that is not ours. */
export async function totalsOfFile(path: string): Promise<Totals> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const totals = { rows: Number(metadata.num_rows), ids: 0n, cents: 0n, seconds: 0n, notes: 0, letters: 0 };
  await parquetRead({
    file,
    metadata,
    compressors,
    columns: ['id', 'amount', 'ordered_at', 'note'],
    // Times as they are stored: a Date is coarser.
    parsers: { timestampFromMicroseconds: (micros: bigint) => micros },
    onChunk({ columnName, columnData }) {
      for (const value of columnData as ArrayLike<unknown> & Iterable<unknown>) {
        if (columnName === 'id') totals.ids += value as bigint;
        else if (columnName === 'amount') totals.cents += BigInt(Math.round((value as number) * 100));
        else if (columnName === 'ordered_at') totals.seconds += (value as bigint) / 1_000_000n;
        else if (value !== null && value !== undefined) {
          totals.notes += 1;
          totals.letters += (value as string).length;
        }
      }
    },
  });
  return totals;
}

/** Asks the database for the same. */
export const TOTALS_SQL = `
  SELECT
    count(*) AS row_count, sum(id) AS ids, CAST(sum(CAST(round(amount * 100) AS BIGINT)) AS BIGINT) AS cents,
    sum(ordered_at) AS seconds, count(note) AS notes, coalesce(sum(length(note)), 0) AS letters
  FROM orders`;

/** The names of what differs. */
export function differences(a: Totals, b: Totals): string[] {
  return (Object.keys(a) as (keyof Totals)[]).filter((name) => a[name] !== b[name]).map((name) => `${name}: ${a[name]} and ${b[name]}`);
}
