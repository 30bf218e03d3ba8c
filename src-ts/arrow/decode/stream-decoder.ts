import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import type { Delivery } from '../../native/binding-types.js';
import type { ArrowModule } from '../arrow-module.js';
import { schemaFromText } from '../schema.js';
import { Cursor } from './cursor.js';
import { DictionarySlots } from './dictionary-slots.js';
import { type NodeReader, NodeReaders, readAll } from './node-reader.js';
import { type RecordBatchMaker, recordBatchMaker } from './record-batch.js';

/** A message of a stream, decoded. Dictionaries are not among them: the batches hold theirs. */
export type DecodedMessage = DecodedBatch | DecodedMetadata;

export interface DecodedBatch {
  readonly kind: 'batch';
  readonly batch: RecordBatch;
  /** The index of the endpoint that sent it. */
  readonly endpoint: number;
  readonly appMetadata: Uint8Array | null;
}

/** A message that carried application metadata and no rows. */
export interface DecodedMetadata {
  readonly kind: 'metadata';
  readonly endpoint: number;
  readonly appMetadata: Uint8Array | null;
}

// The kinds of message in "A delivery" of the boundary page.
const DICTIONARY = 1;
const BATCH = 2;
const METADATA = 3;

/**
 * Turns the deliveries of one stream into record batches over the memory that they hand over.
 *
 * No byte of a column is copied: every buffer is a view on one of the delivery's ArrayBuffers.
 */
export class StreamDecoder {
  readonly schema: Schema;
  readonly #columns: readonly NodeReader[];
  readonly #slots: DictionarySlots;
  readonly #dictionaries = new Map<number, NodeReader>();
  readonly #recordBatch: RecordBatchMaker;

  constructor(arrow: ArrowModule, schemaText: string) {
    this.schema = schemaFromText(arrow, schemaText);
    this.#slots = new DictionarySlots(arrow);
    this.#recordBatch = recordBatchMaker(arrow, this.schema);
    const readers = new NodeReaders(arrow, this.#slots);
    this.#columns = this.schema.fields.map((field) => readers.of(field.type));
    // A dictionary's values may hold dictionaries of their own: the loop visits slots that it adds.
    for (const [number, slot] of this.#slots.entries()) this.#dictionaries.set(number, readers.of(slot.valueType));
  }

  /** The messages of a delivery, in order. */
  decode(delivery: Delivery): DecodedMessage[] {
    const messages: DecodedMessage[] = [];
    const cursor = new Cursor(delivery);
    const appMetadata = delivery[2];
    while (!cursor.done) {
      const kind = cursor.number();
      if (kind === BATCH) messages.push(this.#batch(cursor, appMetadata));
      else if (kind === DICTIONARY) this.#dictionary(cursor);
      else if (kind === METADATA) messages.push(this.#metadata(cursor, appMetadata));
      else throw new FlightSQLError('BOUNDARY_MISMATCH', `the addon delivered a message of kind ${kind}, which this version does not know`);
    }
    return messages;
  }

  #batch(cursor: Cursor, appMetadata: readonly Uint8Array[]): DecodedBatch {
    const metadata = appMetadata[cursor.number()] ?? null;
    const endpoint = cursor.number();
    const rows = cursor.number();
    const batch = this.#recordBatch(readAll(this.#columns, cursor), rows);
    return { kind: 'batch', batch, endpoint, appMetadata: metadata };
  }

  #metadata(cursor: Cursor, appMetadata: readonly Uint8Array[]): DecodedMetadata {
    return { kind: 'metadata', appMetadata: appMetadata[cursor.number()] ?? null, endpoint: cursor.number() };
  }

  #dictionary(cursor: Cursor): void {
    const number = cursor.number();
    const delta = cursor.number() === 1;
    const slot = this.#slots.get(number);
    const values: Data = (this.#dictionaries.get(number) as NodeReader)(cursor);
    if (delta) slot.extend(values);
    else slot.replace(values);
  }
}
