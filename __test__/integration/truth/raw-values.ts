import {
  type Data,
  DataType,
  type Decimal,
  type Dictionary,
  type Float,
  type Int,
  type Interval,
  IntervalUnit,
  type Union,
  type Vector,
} from 'apache-arrow';
import type { Neutral } from './expectation.js';

type ReadRow = (row: number) => Neutral;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The values of a column read from its buffers, without any accessor of apache-arrow. */
export function rawVectorValues(vector: Vector): Neutral[] {
  return vector.data.flatMap((data) => rawValues(data));
}

export function rawValues(data: Data): Neutral[] {
  const read = readerOf(data);
  return Array.from({ length: data.length }, (_, row) => (isValid(data, row) ? read(row) : null));
}

function isValid(data: Data, row: number): boolean {
  if (DataType.isUnion(data.type) || !data.nullBitmap?.byteLength) return true;
  return bitAt(data.nullBitmap, data.offset + row);
}

function bitAt(bits: Uint8Array, position: number): boolean {
  return (((bits[position >> 3] as number) >> (position & 7)) & 1) === 1;
}

function readerOf(data: Data): ReadRow {
  const { type } = data;
  if (DataType.isNull(type)) return () => null;
  if (DataType.isBool(type)) return (row) => bitAt(data.values, data.offset + row);
  if (DataType.isDictionary(type)) return dictionaryReader(data as Data<Dictionary>);
  if (DataType.isUnion(type)) return unionReader(data as Data<Union>);
  if (DataType.isStruct(type)) {
    const columns = data.children.map(rawValues);
    return (row) => columns.map((column) => column[row] as Neutral);
  }
  if (DataType.isMap(type) || DataType.isList(type) || DataType.isLargeList(type)) {
    const [child] = data.children;
    // apache-arrow makes such data of a schema alone, and then fails to slice it.
    if (child === undefined) throw new Error(`the ${type} has no child`);
    const items = rawValues(child);
    return (row) => items.slice(Number(data.valueOffsets[row]), Number(data.valueOffsets[row + 1]));
  }
  if (DataType.isFixedSizeList(type)) {
    const items = rawValues(data.children[0] as Data);
    return (row) => items.slice(row * type.listSize, (row + 1) * type.listSize);
  }
  return bytesReader(data) ?? wordReader(data);
}

function dictionaryReader(data: Data<Dictionary>): ReadRow {
  const dictionary = rawVectorValues(data.dictionary as Vector);
  return (row) => {
    const index = Number(data.values[row]);
    if (!(index >= 0 && index < dictionary.length)) throw new RangeError(`index ${index} into a dictionary of ${dictionary.length} values`);
    return dictionary[index] as Neutral;
  };
}

function unionReader(data: Data<Union>): ReadRow {
  const children = data.children.map(rawValues);
  const positionOf = new Map(Array.from(data.type.typeIds as ArrayLike<number>, (code, position) => [code, position]));
  const offsets: Int32Array | undefined = DataType.isDenseUnion(data.type) ? (data.valueOffsets as unknown as Int32Array) : undefined;
  return (row) => {
    const code = data.typeIds[row] as number;
    return [code, children[positionOf.get(code) as number]?.[offsets ? (offsets[row] as number) : row] as Neutral];
  };
}

/** Text and bytes: with offsets, as views, or of fixed width. */
function bytesReader(data: Data): ReadRow | null {
  const { type } = data;
  const isText = DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
  const shown = isText ? (bytes: Uint8Array) => utf8.decode(bytes) : hexOfBytes;
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) return (row) => shown(viewed(data, row));
  if (DataType.isFixedSizeBinary(type)) return (row) => shown(data.values.subarray(row * type.byteWidth, (row + 1) * type.byteWidth));
  if (isText || DataType.isBinary(type) || DataType.isLargeBinary(type)) {
    return (row) => shown(data.values.subarray(Number(data.valueOffsets[row]), Number(data.valueOffsets[row + 1])));
  }
  return null;
}

function viewed(data: Data, row: number): Uint8Array {
  const views = bytesOf(data.values);
  const words = new DataView(views.buffer, views.byteOffset + row * 16, 16);
  const length = words.getInt32(0, true);
  if (length <= 12) return views.subarray(row * 16 + 4, row * 16 + 4 + length);
  const buffer = data.variadicBuffers[words.getInt32(8, true)] as Uint8Array;
  const start = words.getInt32(12, true);
  return buffer.subarray(start, start + length);
}

/** Values of a fixed number of bytes, as little-endian integers. */
function wordReader(data: Data): ReadRow {
  const { type } = data;
  const words = bytesOf(data.values);
  if (DataType.isFloat(type)) {
    const width = 2 << (type as Float).precision;
    return (row) =>
      integerAt(words, row, width, false)
        .toString(16)
        .padStart(width * 2, '0');
  }
  if (DataType.isDecimal(type)) return decimalReader(words, type);
  if (DataType.isInterval(type)) return intervalReader(words, type);
  const { bitWidth, isSigned } = widthOf(type);
  return (row) => String(integerAt(words, row, bitWidth / 8, isSigned));
}

function widthOf(type: DataType): { bitWidth: number; isSigned: boolean } {
  if (DataType.isInt(type)) return type as Int;
  if (DataType.isTime(type)) return { bitWidth: type.bitWidth, isSigned: true };
  if (DataType.isDate(type)) return { bitWidth: type.unit === 0 ? 32 : 64, isSigned: true };
  if (DataType.isTimestamp(type) || DataType.isDuration(type)) return { bitWidth: 64, isSigned: true };
  throw new Error(`no reader for the type ${type}`);
}

function decimalReader(words: Uint8Array, { bitWidth, scale }: Decimal): ReadRow {
  return (row) => {
    const unscaled = integerAt(words, row, bitWidth / 8, true);
    const digits = String(unscaled < 0n ? -unscaled : unscaled);
    const sign = unscaled < 0n ? '-' : '';
    if (scale <= 0) return unscaled === 0n ? '0' : `${sign}${digits}${'0'.repeat(-scale)}`;
    const padded = digits.padStart(scale + 1, '0');
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  };
}

function intervalReader(words: Uint8Array, { unit }: Interval): ReadRow {
  const int32 = (position: number) => String(integerAt(words, position, 4, true));
  if (unit === IntervalUnit.YEAR_MONTH) return int32;
  if (unit === IntervalUnit.DAY_TIME) return (row) => [int32(row * 2), int32(row * 2 + 1)];
  return (row) => [int32(row * 4), int32(row * 4 + 1), String(integerAt(words, row * 2 + 1, 8, true))];
}

function integerAt(words: Uint8Array, position: number, width: number, signed: boolean): bigint {
  let integer = 0n;
  for (let index = width - 1; index >= 0; index--) integer = (integer << 8n) | BigInt(words[position * width + index] as number);
  return signed ? BigInt.asIntN(width * 8, integer) : integer;
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function hexOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
