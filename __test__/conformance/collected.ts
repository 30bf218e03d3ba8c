import type { QueryResult, RowArray } from 'flightsql';

/** All rows of a result. */
export async function collected(result: QueryResult): Promise<RowArray[]> {
  const rows: RowArray[] = [];
  for await (const row of result.rows({ rowMode: 'array' })) rows.push(row);
  return rows;
}
