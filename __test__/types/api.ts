// What the types promise. It is checked, never run: a line that the types refuse must stay refused, and one that they take must be taken.

import { type RecordBatch, type Schema, type Table, Utf8 } from 'apache-arrow';
import {
  type CallOptions,
  type CancelStatus,
  type CatalogInfo,
  connect,
  type ExportSummary,
  type FlightEndpoint,
  type FlightInfo,
  FlightSQLClient,
  FlightSQLError,
  type FlightStreamChunk,
  type MetadataOptions,
  type PollResult,
  type QueryOptions,
  type QueryResult,
  type ResultMessage,
  type Row,
  type RowArray,
  type RowObject,
  type RowOptions,
  type SessionOptionValue,
  type SqlInfoValue,
  type TableInfo,
} from '../../src-ts/index.js';
import { EmbeddedServer, type ServerStats } from '../../src-ts/server/index.js';

/** True where the two types are the same, not only assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

declare function batches(): AsyncIterable<RecordBatch>;

export async function theApi(
  options: RowOptions,
  metadataOptions: MetadataOptions,
  endpoint: FlightEndpoint,
  error: unknown,
): Promise<void> {
  const client = new FlightSQLClient({ host: 'h', token: 't', metadata: { database: 'b' }, features: { 'metadata-reflection': 'true' } });
  await using db = await connect('flightsql://h:1?transport=tcp', { user: 'u', password: 'p' }, { timeout: 5 });
  await connect(new URL('flightsql://h'));
  await connect({ host: 'h' }, { signal: AbortSignal.timeout(1) });

  const info = await client.execute('SELECT 1', { timeout: 1 });
  same<typeof info.totalRecords, bigint | null>(true);
  same<typeof info.schema, Schema | null>(true);
  same<(typeof info.endpoints)[number]['expirationTime'], Date | null>(true);

  const reader = client.doGet(endpoint);
  client.doGet(endpoint.ticket);
  client.doGet(new Uint8Array());
  same<Awaited<ReturnType<typeof reader.readAll>>, Table>(true);
  const chunk = await reader.readChunk();
  same<typeof chunk, FlightStreamChunk | null>(true);
  for await (const { batch } of reader) same<typeof batch, RecordBatch | null>(true);

  same<Awaited<ReturnType<typeof db.query>>, QueryResult>(true);
  const result = await db.query('SELECT 1', undefined, { signal: new AbortController().signal } satisfies CallOptions);
  for await (const batch of result) same<typeof batch, RecordBatch>(true);
  for await (const row of result.rows()) same<typeof row, RowObject>(true);
  for await (const row of result.rows({ int64: 'number' })) same<typeof row, RowObject>(true);
  for await (const row of result.rows({ rowMode: 'object' })) same<typeof row, RowObject>(true);
  for await (const row of result.rows({ rowMode: 'array' })) same<typeof row, RowArray>(true);
  for await (const row of result.rows(options)) same<typeof row, Row>(true);
  same<Awaited<ReturnType<typeof result.toIPC>>, Uint8Array>(true);
  for await (const message of result.messages()) same<typeof message, ResultMessage>(true);
  await db.query('SELECT 1', null, { ordered: false, schemaCheck: 'strict', concurrency: 2, renew: false } satisfies QueryOptions);
  // @ts-expect-error no such check
  await db.query('SELECT 1', null, { schemaCheck: 'loose' });
  // @ts-expect-error an update has no rows to put in order
  await db.executeUpdate('DELETE FROM t', null, { ordered: false });
  client.doGet(endpoint, { renew: false });

  const written = await db.exportTo('SELECT 1', new URL('file:///out.parquet'), { compression: 'zstd', onProgress: ({ rows }) => rows });
  same<typeof written, ExportSummary>(true);

  same<Awaited<ReturnType<typeof db.executeUpdate>>, bigint | null>(true);
  await db.executeUpdate(
    'INSERT INTO t VALUES (?, ?)',
    [
      [1, 'a'],
      [2n, null],
    ],
    { types: [null, new Utf8()] },
  );
  await db.query('SELECT :a', { a: new Uint8Array() });
  await db.query('SELECT ?', await result.table());
  const statement = await db.prepare('SELECT ?', { timeout: 5 });
  same<typeof statement.parameterSchema, Schema | null>(true);
  same<Awaited<ReturnType<typeof statement.query>>, QueryResult>(true);
  same<Awaited<ReturnType<typeof statement.execute>>, FlightInfo>(true);
  same<Awaited<ReturnType<typeof statement.getSchema>>, Schema>(true);
  same<Awaited<ReturnType<typeof statement.pollExecute>>, PollResult>(true);
  await statement.close();
  same<Awaited<ReturnType<typeof db.getExecuteSchema>>, Schema>(true);
  const tables = await db.getTables({ includeSchema: true, tableTypes: ['table'], timeout: 5 });
  same<typeof tables, TableInfo[]>(true);
  const arrow = await db.getTables({ format: 'arrow' });
  same<typeof arrow, Table>(true);
  const schema = await db.getPrimaryKeys({ table: 't' }, { format: 'schema' });
  same<typeof schema, Schema>(true);
  const either = await db.getCatalogs(metadataOptions);
  same<typeof either, CatalogInfo[] | Table | Schema>(true);
  const { FLIGHT_SQL_SERVER_READ_ONLY, SQL_MAX_ROW_SIZE, other } = await db.getSqlInfo(['FLIGHT_SQL_SERVER_READ_ONLY', 555]);
  same<typeof FLIGHT_SQL_SERVER_READ_ONLY, boolean | null | undefined>(true);
  same<typeof SQL_MAX_ROW_SIZE, bigint | null | undefined>(true);
  same<typeof other, ReadonlyMap<number, SqlInfoValue>>(true);

  same<Awaited<ReturnType<typeof db.executeIngest>>, bigint | null>(true);
  await db.executeIngest('t', await result.table(), { mode: 'create_append', onProgress: ({ rows }) => rows });
  await db.executeIngest('t', [{ a: 1, b: null }, { a: 2n }], { types: { a: new Utf8(), b: null } });
  await db.executeIngest('t', process.stdin, { schema: 's' });
  await db.executeIngest('t', new Uint8Array());
  await db.transaction(async (tx) => tx.executeIngest('t', batches()));
  await db.query({ plan: new Uint8Array(), version: '0.24.0' });
  const poll = await db.pollExecute('SELECT 1');
  same<typeof poll.info, FlightInfo | null>(true);
  if (poll.info !== null) same<ReturnType<typeof db.read>, QueryResult>(true);
  same<Awaited<ReturnType<typeof db.cancel>>, CancelStatus>(true);
  same<Awaited<ReturnType<typeof db.renewEndpoint>>, FlightEndpoint>(true);
  await db.setSessionOptions({ a: 'x', b: true, c: 1, d: 2n, e: ['y'], f: { double: 1 }, g: null });
  const options2 = await db.getSessionOptions();
  same<(typeof options2)[string], SessionOptionValue>(true);
  for await (const body of db.doAction('name')) same<typeof body, Uint8Array>(true);
  for await (const flight of db.listFlights()) same<typeof flight, FlightInfo>(true);
  same<Awaited<ReturnType<typeof db.doPut>>, readonly Uint8Array[]>(true);
  await db.doPut({ path: ['a'] }, [{ batch: null, appMetadata: new Uint8Array() }]);
  await db.exportTo('SELECT ?', 'out.parquet', { params: [1] });

  const server = await EmbeddedServer.start({ auth: { token: 't' } });
  same<typeof server.port, number>(true);
  same<ReturnType<typeof server.stats>, ServerStats>(true);

  if (error instanceof FlightSQLError) {
    same<typeof error.grpcCode, number | null>(true);
    if (error.code === 'UNAUTHENTICATED' || error.code === 'A_CODE_OF_LATER') return;
  }

  // @ts-expect-error no such mode
  await db.executeIngest('t', [{ a: 1 }], { mode: 'upsert' });
  // @ts-expect-error a descriptor is a command or a path
  await db.getFlightInfo('t');
  // @ts-expect-error the host is text
  new FlightSQLClient({ host: 1 });
  // @ts-expect-error a mistyped option
  new FlightSQLClient({ host: 'h', tokn: 'x' });
  // @ts-expect-error call options come third
  await db.query('SELECT 1', undefined, { timout: 1 });
  // @ts-expect-error no such compression
  await db.exportTo('SELECT 1', 'out.parquet', { compression: 'zip' });
  // @ts-expect-error no such row mode
  result.rows({ rowMode: 'tuple' });
  // @ts-expect-error a stream is made by doGet
  await client.doGet('SELECT 1');
}
