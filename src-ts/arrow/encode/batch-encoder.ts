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
  readonly #hasDictionaries: boolean;
  /** By slot, what was sent last. */
  readonly #sent: (Vector | undefined)[] = [];

  /** `schemaText` describes the same columns, under other names. */
  constructor(schema: Schema, schemaText = schemaTextOf(schema)) {
    this.#schema = schema;
    this.#hasDictionaries = schema.fields.some(({ type }) => hasDictionary(type));
    this.schemaText = schemaText;
  }

  /** The messages of a batch: its dictionaries, where they have not been sent before, and its rows, in one or several; rows come last. */
  messages(batch: RecordBatch): Iterable<OutgoingMessage> {
    this.#check(batch.schema);
    const rows = rowsOfPiece(batch);
    if (rows >= batch.numRows && !this.#hasDictionaries) return [rowsMessage(batch)];
    return this.#messagesOf(batch, rows);
  }

  *#messagesOf(batch: RecordBatch, rows: number): Generator<OutgoingMessage, void, undefined> {
    for (let at = 0; at === 0 || at < batch.numRows; at += rows) {
      const piece = rows >= batch.numRows ? batch : batch.slice(at, at + rows);
      if (this.#hasDictionaries) yield* this.#dictionariesOf(piece);
      yield rowsMessage(piece);
    }
  }

  *#dictionariesOf(batch: RecordBatch): Generator<OutgoingMessage, void, undefined> {
    const dictionaries: Vector[] = [];
    for (const column of batch.data.children as Data[]) collect(column, dictionaries);
    for (const [slot, dictionary] of dictionaries.entries()) {
      if (this.#sent[slot] === dictionary) continue;
      this.#sent[slot] = dictionary;
      for (const [at, chunk] of dictionary.data.entries()) yield dictionaryMessage(slot, at > 0, arrayOfData(chunk));
    }
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

/** How many rows of a batch cross at a time: about as many as the bytes of a piece. */
function rowsOfPiece(batch: RecordBatch): number {
  return Math.max(1, Math.floor((batch.numRows * PIECE_BYTES) / Math.max(1, batch.data.byteLength)));
}

function rowsMessage(batch: RecordBatch): OutgoingMessage {
  return batchMessage(batch.numRows, (batch.data.children as Data[]).map(arrayOfData));
}

function hasDictionary(type: DataType): boolean {
  return (type.typeId as number) === TypeId.Dictionary || (type.children ?? []).some((field: Field) => hasDictionary(field.type));
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
