import type { Data, DataType, Decimal, Float, Int, Union, Vector } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { decimalText } from '../exact/decimal-text.js';
import { PrecisionId, TypeId } from '../type-ids.js';
import { binaryReader, binaryViewReader, fixedSizeBinaryReader, textReader, textViewReader } from './byte-readers.js';
import { uniqueNames } from './column-names.js';
import { dictionaryReader } from './dictionary-reader.js';
import { halfToNumber } from './half-float.js';
import { int64Reader } from './integer-readers.js';
import { RowObjects, type ValueReader } from './row-objects.js';
import type { ResolvedRowOptions } from './row-options.js';
import type { RowValue } from './row-types.js';
import { dateReader, intervalReader, timeReader, timestampReader } from './temporal-readers.js';

/**
 * Compiles readers of values from the raw buffers of columns, once a column and batch.
 *
 * apache-arrow's own `get` is not used anywhere: it is slower, rounds timestamps, and misreads some decimals.
 */
export class ValueReaders {
  readonly #options: ResolvedRowOptions;
  readonly #dictionaries = new WeakMap<Vector, Map<string, ValueReader>>();
  readonly #structs = new WeakMap<DataType, RowObjects>();

  constructor(options: ResolvedRowOptions) {
    this.#options = options;
  }

  /** @param column - the name of the column, for errors. */
  of(data: Data, column: string): ValueReader {
    const typeId = data.type.typeId as number;
    if (typeId === TypeId.Null || (typeId !== TypeId.Union && data.length > 0 && data.nullCount === data.length)) return () => null;
    const read = this.#valid(data, typeId, column);
    // A union has no nulls of its own, only its children have.
    return typeId === TypeId.Union || data.nullCount === 0 ? read : nullable(data, read);
  }

  /** A reader for rows that are not null. */
  #valid(data: Data, typeId: number, column: string): ValueReader {
    const options = this.#options;
    switch (typeId) {
      case TypeId.Bool:
        return boolReader(data);
      case TypeId.Int:
        return (data.type as Int).bitWidth === 64 ? int64Reader(data, options.int64, column) : numberReader(data);
      case TypeId.Float:
        return (data.type as Float).precision === PrecisionId.Half ? halfReader(data) : numberReader(data);
      case TypeId.Decimal:
        return decimalReader(data, options.decimal);
      case TypeId.Utf8:
      case TypeId.LargeUtf8:
        return textReader(data);
      case TypeId.Binary:
      case TypeId.LargeBinary:
        return binaryReader(data);
      case TypeId.Utf8View:
        return textViewReader(data);
      case TypeId.BinaryView:
        return binaryViewReader(data);
      case TypeId.FixedSizeBinary:
        return fixedSizeBinaryReader(data);
      case TypeId.Date:
        return dateReader(data);
      case TypeId.Time:
        return timeReader(data, options.time);
      case TypeId.Timestamp:
        return timestampReader(data, options.timestamp, column);
      case TypeId.Duration:
        return int64Reader(data, options.int64, column);
      case TypeId.Interval:
        return intervalReader(data, options.int64, column);
      case TypeId.List:
      case TypeId.LargeList:
        return listReader(data, this.of(data.children[0] as Data, column));
      case TypeId.FixedSizeList:
        return fixedSizeListReader(data, this.of(data.children[0] as Data, column));
      case TypeId.Struct:
        return this.#struct(data, column);
      case TypeId.Map:
        return this.#map(data, column);
      case TypeId.Union:
        return this.#union(data, column);
      case TypeId.Dictionary:
        return this.#dictionary(data, column);
      default:
        throw new FlightSQLError('UNSUPPORTED_TYPE', `column "${column}": rows cannot be made of the type ${data.type}`, { column });
    }
  }

  #struct(data: Data, column: string): ValueReader {
    const objects = this.#objectsOf(data.type);
    const readers = data.children.map((child) => this.of(child, column));
    return (row) => objects.one(readers, row);
  }

  #objectsOf(type: DataType): RowObjects {
    let objects = this.#structs.get(type);
    if (objects === undefined) {
      objects = new RowObjects(uniqueNames(type.children.map((field) => field.name)));
      this.#structs.set(type, objects);
    }
    return objects;
  }

  #map(data: Data, column: string): ValueReader {
    const entries = data.children[0] as Data;
    const readKey = this.of(entries.children[0] as Data, column);
    const readValue = this.of(entries.children[1] as Data, column);
    return listReader(data, (entry) => [readKey(entry), readValue(entry)]);
  }

  #union(data: Data, column: string): ValueReader {
    const { typeIdToChildIndex } = data.type as Union;
    const readers = data.children.map((child) => this.of(child, column));
    const typeIds = data.typeIds as Int8Array;
    const offsets = data.valueOffsets as Int32Array | undefined;
    return (row) => {
      const read = readers[typeIdToChildIndex[typeIds[row] as number] as number] as ValueReader;
      return read(offsets === undefined ? row : (offsets[row] as number));
    };
  }

  #dictionary(data: Data, column: string): ValueReader {
    const dictionary = data.dictionary as Vector;
    let readers = this.#dictionaries.get(dictionary);
    if (readers === undefined) {
      readers = new Map();
      this.#dictionaries.set(dictionary, readers);
    }
    let lookUp = readers.get(column);
    if (lookUp === undefined) {
      lookUp = dictionaryReader(dictionary, (chunk) => this.of(chunk, column));
      readers.set(column, lookUp);
    }
    const indices = data.values as Int32Array;
    return (row) => lookUp(indices[row] as number);
  }
}

function nullable(data: Data, read: ValueReader): ValueReader {
  const { nullBitmap, offset } = data;
  return (row) => {
    const bit = offset + row;
    return ((nullBitmap[bit >> 3] as number) >> (bit & 7)) & 1 ? read(row) : null;
  };
}

function boolReader(data: Data): ValueReader {
  const { offset } = data;
  const bits = data.values as Uint8Array;
  return (row) => {
    const bit = offset + row;
    return (((bits[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
  };
}

function numberReader(data: Data): ValueReader {
  const values = data.values as Float64Array;
  return (row) => values[row] as number;
}

function halfReader(data: Data): ValueReader {
  const halves = data.values as Uint16Array;
  return (row) => halfToNumber(halves[row] as number);
}

function decimalReader(data: Data, choice: ResolvedRowOptions['decimal']): ValueReader {
  const { stride } = data;
  const { scale } = data.type as Decimal;
  const words = data.values as Uint32Array;
  return choice === 'string' ? (row) => decimalText(words, stride, row, scale) : (row) => Number(decimalText(words, stride, row, scale));
}

function listReader(data: Data, readElement: ValueReader): ValueReader {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  return (row) => elements(readElement, Number(offsets[row]), Number(offsets[row + 1]));
}

function fixedSizeListReader(data: Data, readElement: ValueReader): ValueReader {
  const { stride } = data;
  return (row) => elements(readElement, row * stride, (row + 1) * stride);
}

function elements(read: ValueReader, from: number, to: number): RowValue[] {
  const values = new Array<RowValue>(to - from);
  for (let i = from; i < to; i++) values[i - from] = read(i);
  return values;
}
