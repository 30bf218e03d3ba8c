import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordBatch, Table, Vector } from 'apache-arrow';
import type { FlightSQLClient, FlightStreamReader } from 'flightsql';
import type { TruthServer } from '../../servers/truth-servers.js';
import { compareAccessors } from './accessors.js';
import type { Checker } from './checker.js';
import { describedSchema } from './described-schema.js';
import { type Expectation, expectationOf, type Neutral, normalisedSchema, type TypeDescription, wholeColumns } from './expectation.js';
import { distinctNames, expectedRowValue } from './expected-rows.js';
import { failureOf } from './failure.js';
import { compareNullCounts } from './null-counts.js';
import { hexOfBytes, rawValues, rawVectorValues } from './raw-values.js';

/** Everything that a comparison needs. */
export interface TruthSession {
  readonly client: FlightSQLClient;
  readonly server: TruthServer;
  readonly checker: Checker;
}

type Comparison = (session: TruthSession, expected: Expectation) => Promise<void>;

/** The ways in which a client hands out what a server sent. */
const WAYS: Readonly<Record<string, Comparison>> = {
  'doGet, message by message': compareMessages,
  'query().table()': compareTable,
  'query().rows()': compareRows,
  'query().toIPC()': compareIpc,
};

/** What differs for a case, in every way; empty where all is right. */
export async function differences(session: TruthSession, name: string): Promise<string[]> {
  const expected = expectationOf(session.server, name);
  const found: string[] = [];
  for (const [way, compare] of Object.entries(WAYS)) {
    found.push(...(await failureOf(`${name}, by ${way}`, () => compare(session, expected))));
  }
  return found;
}

async function compareMessages({ client }: TruthSession, expected: Expectation): Promise<void> {
  const info = await client.execute(expected.name);
  const [endpoint] = info.endpoints;
  assert(endpoint);
  const reader = client.doGet(endpoint);
  assert.deepEqual(describedSchema(await reader.schema()), normalisedSchema(expected.schema));
  const messages = await messagesOf(reader);
  assert.deepEqual(
    messages.map(({ batch }) => batch),
    expected.batches,
  );
  const appMetadata = expected.appMetadata ?? expected.batches.map(() => null);
  assert.deepEqual(
    messages.map((message) => message.appMetadata),
    appMetadata,
  );
}

async function messagesOf(reader: FlightStreamReader): Promise<{ batch: unknown; appMetadata: string | null }[]> {
  const messages = [];
  for (let chunk = await reader.readChunk(); chunk !== null; chunk = await reader.readChunk()) {
    const { batch, appMetadata } = chunk;
    messages.push({ batch: batch && batchValues(batch), appMetadata: appMetadata && hexOfBytes(appMetadata) });
  }
  return messages;
}

function batchValues(batch: RecordBatch): { rows: number; columns: Neutral[][] } {
  batch.data.children.forEach(compareNullCounts);
  return { rows: batch.numRows, columns: batch.data.children.map((data) => rawValues(data)) };
}

async function compareTable({ client }: TruthSession, expected: Expectation): Promise<void> {
  const table = await (await client.query(expected.name)).table();
  assert.deepEqual(describedSchema(table.schema), normalisedSchema(expected.schema));
  const columns = wholeColumns(expected);
  const rows = expected.batches.reduce((sum, batch) => sum + (batch?.rows ?? 0), 0);
  assert.equal(table.numRows, rows);
  for (const [index, values] of columns.entries()) {
    const vector = columnOf(table, index);
    assert.deepEqual(rawVectorValues(vector), values);
    compareAccessors(vector, normalisedSchema(expected.schema).fields[index]?.type as TypeDescription, values);
  }
}

function columnOf(table: Table, index: number): Vector {
  const vector = table.getChildAt(index);
  // A table without batches has no data to look into, but its columns are there.
  assert(vector, `the table has no column ${index}`);
  return vector;
}

async function compareRows({ client }: TruthSession, expected: Expectation): Promise<void> {
  const { fields } = expected.schema;
  const columns = wholeColumns(expected);
  const rowCount = expected.batches.reduce((sum, batch) => sum + (batch?.rows ?? 0), 0);
  const arrays = Array.from({ length: rowCount }, (_, row) =>
    fields.map((field, column) => expectedRowValue(field.type, columns[column]?.[row] as Neutral)),
  );
  assert.deepEqual(await arrayOf((await client.query(expected.name)).rows({ rowMode: 'array' })), arrays);
  const names = distinctNames(fields.map(({ name }) => name));
  const objects = arrays.map((values) => Object.fromEntries(values.map((value, index) => [names[index], value])));
  assert.deepEqual(await arrayOf((await client.query(expected.name)).rows()), objects);
}

async function arrayOf<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

async function compareIpc({ client, server, checker }: TruthSession, expected: Expectation): Promise<void> {
  const written = join(server.folder, 'written.arrows');
  writeFileSync(written, await (await client.query(expected.name)).toIPC());
  assert.equal(await checker.difference('ipc', written, server.filesOf(expected.name)), null);
}
