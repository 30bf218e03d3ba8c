import type { QueryParameters, RowArray } from 'flightsql';
import { collected } from './collected.js';
import type { Profile } from './profile.js';

/**
 * The rows of a query with parameters. `query()` has the server forget its statement when the rows are read, and nobody waits for that: where the
 * server does not keep statements apart, each is closed before the next is asked for.
 */
export function boundRows({ client, supports }: Profile): (sql: string, params: QueryParameters) => Promise<RowArray[]> {
  if (supports.overlappingRuns) return async (sql, params) => collected(await client().query(sql, params));
  return async (sql, params) => {
    await using statement = await client().prepare(sql);
    return await collected(await statement.query(params));
  };
}
