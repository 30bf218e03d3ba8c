import type { Data, DataType, Dictionary, Field, RecordBatch, Schema, Vector } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { TypeId } from '../type-ids.js';
import { arrayOfData } from './array-of-data.js';
import { batchMessage, dictionaryMessage, type OutgoingMessage } from './outgoing.js';
import { schemaTextOf } from './schema-text-of.js';

/** Copied in one go: little enough that the event loop gets its turn in between, enough that each go is worth it. */
export const PIECE_BYTES = 4 << 20;

/** Turns the record batches of one schema into messages. */
export class BatchEncoder {
  readonly schemaText: string;
  readonly #schema: Schema;
  /** By slot, what was sent last. */
  readonly #sent: (Vector | undefined)[] = [];

  /** `schemaText` describes the same columns, under other names. */
  constructor(schema: Schema, schemaText = schemaTextOf(schema)) {
    this.#schema = schema;
    this.schemaText = schemaText;
  }

  /** The messages of a batch: its dictionaries, where they have not been sent before, and its rows, in one or several; rows come last. */
  *messages(batch: RecordBatch): Generator<OutgoingMessage, void, undefined> {
    this.#check(batch.schema);
    for (const piece of pieces(batch)) yield* this.#messagesOf(piece);
  }

  *#messagesOf(batch: RecordBatch): Generator<OutgoingMessage, void, undefined> {
    const dictionaries: Vector[] = [];
    const columns = batch.data.children as Data[];
    for (const column of columns) collect(column, dictionaries);
    for (const [slot, dictionary] of dictionaries.entries()) {
      if (this.#sent[slot] === dictionary) continue;
      this.#sent[slot] = dictionary;
      for (const [at, chunk] of dictionary.data.entries()) yield dictionaryMessage(slot, at > 0, arrayOfData(chunk));
    }
    yield batchMessage(batch.numRows, columns.map(arrayOfData));
  }

  #check(schema: Schema): void {
    if (schema === this.#schema) return;
    const [mine, theirs] = [this.#schema, schema].map((each) =>
      each.fields.map((field: Field) => `${field.name}: ${field.type}`).join(', '),
    );
    if (mine === theirs) return;
    throw new FlightSQLError('SCHEMA_MISMATCH', `a batch has the columns ${theirs}, where those before it have ${mine}`);
  }
}

/** A batch in parts of about so many bytes. */
function* pieces(batch: RecordBatch): Generator<RecordBatch, void, undefined> {
  const rows = Math.max(1, Math.floor((batch.numRows * PIECE_BYTES) / Math.max(1, batch.data.byteLength)));
  if (rows >= batch.numRows) {
    yield batch;
    return;
  }
  for (let at = 0; at < batch.numRows; at += rows) yield batch.slice(at, at + rows);
}

/** The dictionaries of an array in the order in which the core numbers them: nested ones before those that hold them. */
function collect(data: Data, out: Vector[]): void {
  if ((data.type.typeId as number) !== TypeId.Dictionary) {
    for (const child of data.children) collect(child, out);
    return;
  }
  const dictionary = data.dictionary as Vector<(Dictionary & DataType)['dictionary']>;
  const [values, ...later] = dictionary.data;
  if (values !== undefined) collect(values, out);
  for (const chunk of later) refuseOtherDictionaries(values as Data, chunk);
  out.push(dictionary);
}

/** A dictionary within a dictionary is sent once, for all chunks of the outer one's values. */
function refuseOtherDictionaries(first: Data, later: Data): void {
  const mine: Vector[] = [];
  const theirs: Vector[] = [];
  collect(first, mine);
  collect(later, theirs);
  if (mine.every((dictionary, at) => dictionary === theirs[at])) return;
  throw new FlightSQLError(
    'UNSUPPORTED_TYPE',
    'a dictionary whose values are dictionaries themselves has other ones of them in its later chunks',
    {
      hint: 'send the values themselves',
    },
  );
}
