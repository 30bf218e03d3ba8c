import type { Data, DataType, Dictionary, Vector } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import type { ArrowModule } from '../arrow-module.js';
import { TypeId } from '../type-ids.js';

/**
 * The longest dictionary whose Vector keeps the values that it decoded.
 *
 * A memoizing Vector makes reading a column of strings several times faster, as `tableFromIPC` has it, but holds an array as long as the
 * dictionary in the JavaScript heap for every version of it.
 */
const MEMOIZED_LENGTH = 65_536;

/** One dictionary of a stream, as the messages so far have left it. */
export class DictionarySlot {
  readonly valueType: DataType;
  readonly #arrow: ArrowModule;
  #chunks: readonly Data[] = [];
  #vector: Vector | undefined;

  constructor(arrow: ArrowModule, valueType: DataType) {
    this.#arrow = arrow;
    this.valueType = valueType;
  }

  replace(values: Data): void {
    this.#chunks = [values];
    this.#vector = undefined;
  }

  /** Appends a delta; batches that were made before keep the Vector that they have. */
  extend(values: Data): void {
    if (values.length === 0) return;
    const chunks = this.#chunks.filter((chunk) => chunk.length > 0);
    chunks.push(values);
    this.#chunks = chunks;
    this.#vector = undefined;
  }

  /** The dictionary of the batches that are read now: one object for all of them, until the next dictionary message. */
  vector(): Vector {
    this.#vector ??= this.#build();
    return this.#vector;
  }

  #build(): Vector {
    const { Vector, makeData } = this.#arrow;
    // A server may leave out a dictionary that only nulls would refer to.
    const chunks = this.#chunks.length > 0 ? this.#chunks : [makeData({ type: this.valueType }) as Data];
    const vector = new Vector(chunks);
    // Memoizing a vector that is dictionary-encoded itself would give all its chunks the dictionary of the first.
    const memoize = vector.length <= MEMOIZED_LENGTH && (this.valueType.typeId as number) !== TypeId.Dictionary;
    return memoize ? vector.memoize() : vector;
  }
}

/** The dictionaries of a stream. */
export class DictionarySlots {
  readonly #arrow: ArrowModule;
  readonly #slots = new Map<number, DictionarySlot>();

  constructor(arrow: ArrowModule) {
    this.#arrow = arrow;
  }

  /** The slot of a dictionary-encoded type, whose `id` is the slot's number. */
  slot(type: Dictionary): DictionarySlot {
    let slot = this.#slots.get(type.id);
    if (slot === undefined) {
      slot = new DictionarySlot(this.#arrow, type.dictionary as DataType);
      this.#slots.set(type.id, slot);
    }
    return slot;
  }

  entries(): IterableIterator<[number, DictionarySlot]> {
    return this.#slots.entries();
  }

  get(number: number): DictionarySlot {
    const slot = this.#slots.get(number);
    if (slot !== undefined) return slot;
    throw new FlightSQLError('INVALID_DATA', `a dictionary for slot ${number} arrived, which no field of the schema uses`);
  }
}
