import type { RecordBatch, Schema } from 'apache-arrow';
import {
  type ArrowModule,
  arrayOfValues,
  BatchEncoder,
  batchMessage,
  inferType,
  loadArrow,
  type OutgoingMessage,
  schemaTextOf,
  ValuePlace,
} from '../arrow/index.js';
import { FlightSQLError } from '../errors.js';
import { columnsOf, renamed } from './columns.js';
import { type Given, givenParameters } from './given.js';
import type { ParameterRow, ParameterTypes } from './parameter-types.js';

/** Parameters as they are sent: a schema, and messages as they are taken. */
export interface Binding {
  readonly schemaText: string;
  readonly messages: readonly OutgoingMessage[] | AsyncIterable<OutgoingMessage>;
  /** Ends the caller's iteration, where not all of it was taken. To be called in any case. */
  close(): Promise<void>;
}

/**
 * Parameters for a statement whose own schema is `schema`, `null` where the server does not tell. `null` is none: the statement takes none, or
 * none were given to one that may take some.
 *
 * @throws FlightSQLError `INVALID_ARGUMENT` for a wrong number, a wrong name, or a value that does not fit, before anything is sent.
 */
export async function bindingOf(params: unknown, schema: Schema | null, types: ParameterTypes | null): Promise<Binding | null> {
  const given = givenParameters(params);
  const takes = schema?.fields.length ?? null;
  if (given.kind === 'none') {
    if (takes === null || takes === 0) return null;
    throw new FlightSQLError('INVALID_ARGUMENT', `no parameters are given, where the statement takes ${takes}`);
  }
  const arrow = await loadArrow();
  return given.kind === 'rows' ? rowsBinding(arrow, given.rows, schema, types) : batchesBinding(arrow, given, schema);
}

function rowsBinding(arrow: ArrowModule, rows: readonly ParameterRow[], schema: Schema | null, types: ParameterTypes | null): Binding {
  const columns = columnsOf(rows, schema, types).map(({ name, title, type, values }) => {
    const chosen = type ?? inferType(arrow, values, title);
    return { field: new arrow.Field(name, chosen, true), array: arrayOfValues(chosen, values, new ValuePlace(title, rows.length)) };
  });
  const arrays = columns.map(({ array }) => array);
  const schemaText = schemaTextOf(new arrow.Schema(columns.map(({ field }) => field)));
  return { schemaText, messages: [batchMessage(rows.length, arrays)], close: async () => {} };
}

async function batchesBinding(arrow: ArrowModule, given: Extract<Given, { kind: 'batches' }>, schema: Schema | null): Promise<Binding> {
  const batches = batchesOf(given.batches);
  const close = async () => void (await batches.return(undefined));
  try {
    let first: RecordBatch | null = null;
    let own = given.schema;
    if (own === null) {
      first = (await batches.next()).value ?? null;
      if (first === null) throw new FlightSQLError('INVALID_ARGUMENT', 'the parameters are an iterable of batches, of which there is none');
      own = first.schema;
    }
    const encoder = new BatchEncoder(own, schemaTextOf(renamed(arrow, own, schema)));
    return { schemaText: encoder.schemaText, messages: encoded(encoder, first, batches), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* encoded(
  encoder: BatchEncoder,
  first: RecordBatch | null,
  batches: AsyncIterator<RecordBatch>,
): AsyncGenerator<OutgoingMessage> {
  if (first !== null) yield* encoder.messages(first);
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) yield* encoder.messages(next.value);
}

async function* batchesOf(batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  for await (const batch of batches) {
    if (typeof batch !== 'object' || batch === null || !('schema' in batch) || !('numRows' in batch)) {
      throw new FlightSQLError('INVALID_ARGUMENT', 'the parameters are an iterable of something else than record batches');
    }
    yield batch;
  }
}
