import { Builder } from 'flatbuffers';
import type { WireField } from './arrow-type.js';

/** An Arrow IPC message as Flight carries it: the flatbuffer, and the body apart from it. */
export interface ArrowMessage {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** A buffer as a record batch names it. */
export interface BufferPlace {
  readonly offset: number | bigint;
  readonly length: number | bigint;
}

/** `[length, null count]` */
export type FieldNode = readonly [length: number | bigint, nullCount: number | bigint];

export interface BatchParts {
  readonly rows: number | bigint;
  readonly nodes: readonly FieldNode[];
  /** The bytes of each buffer; they are laid out one after another, aligned to 8. */
  readonly buffers: readonly (Uint8Array | BufferPlace)[];
  /** What the batch claims in place of where its buffers really lie. */
  readonly claimed?: (places: BufferPlace[]) => readonly BufferPlace[];
  readonly variadic?: readonly (number | bigint)[];
  readonly compression?: 'lz4' | 'zstd' | number;
  readonly bodyLength?: number | bigint;
  /** In place of the bytes of `buffers`. */
  readonly body?: Uint8Array;
  readonly version?: number;
}

const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;
const V5 = 4;
const CODECS: Record<string, number> = { lz4: 0, zstd: 1 };

export interface SchemaParts {
  readonly endianness?: number;
  readonly version?: number;
}

export function schemaMessage(fields: readonly WireField[], parts: SchemaParts = {}): ArrowMessage {
  const builder = new Builder(1024);
  const schema = writeSchema(builder, fields, parts.endianness ?? 0);
  return message(builder, HEADER.schema, schema, { version: parts.version, body: new Uint8Array(0) });
}

export function batchMessage(parts: BatchParts): ArrowMessage {
  const builder = new Builder(1024);
  const { table, body } = writeBatch(builder, parts);
  return message(builder, HEADER.batch, table, { ...parts, body });
}

export function dictionaryMessage(id: number, parts: BatchParts, isDelta = false): ArrowMessage {
  const builder = new Builder(1024);
  const { table, body } = writeBatch(builder, parts);
  builder.startObject(3);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, table, 0);
  builder.addFieldInt8(2, isDelta ? 1 : 0, 0);
  return message(builder, HEADER.dictionary, builder.endObject(), { ...parts, body });
}

/** A message whose header table is of a kind that no stream holds, or is not there at all. */
export function oddMessage(headerType: number, hasHeader: boolean): ArrowMessage {
  const builder = new Builder(64);
  let table = 0;
  if (hasHeader) {
    builder.startObject(1);
    table = builder.endObject();
  }
  return message(builder, headerType, table, { body: new Uint8Array(0) });
}

interface MessageParts {
  readonly version?: number | undefined;
  readonly bodyLength?: number | bigint | undefined;
  readonly body: Uint8Array;
}

function message(builder: Builder, headerType: number, header: number, parts: MessageParts): ArrowMessage {
  builder.startObject(5);
  builder.addFieldInt64(3, BigInt(parts.bodyLength ?? parts.body.length), 0n);
  if (header !== 0) builder.addFieldOffset(2, header, 0);
  builder.addFieldInt8(1, headerType, 0);
  builder.addFieldInt16(0, parts.version ?? V5, 0);
  builder.finish(builder.endObject());
  return { header: builder.asUint8Array().slice(), body: parts.body };
}

function writeBatch(builder: Builder, parts: BatchParts): { table: number; body: Uint8Array } {
  const { places, body } = layOut(parts.buffers);
  const claimed = parts.claimed?.(places) ?? places;
  const variadic = parts.variadic === undefined ? 0 : writeInt64s(builder, parts.variadic);
  const compression = parts.compression === undefined ? 0 : writeCompression(builder, parts.compression);
  const buffers = writePairs(
    builder,
    claimed.map(({ offset, length }) => [offset, length]),
  );
  const nodes = writePairs(builder, parts.nodes);
  builder.startObject(5);
  builder.addFieldInt64(0, BigInt(parts.rows), 0n);
  builder.addFieldOffset(1, nodes, 0);
  builder.addFieldOffset(2, buffers, 0);
  if (compression !== 0) builder.addFieldOffset(3, compression, 0);
  if (variadic !== 0) builder.addFieldOffset(4, variadic, 0);
  return { table: builder.endObject(), body: parts.body ?? body };
}

function layOut(buffers: BatchParts['buffers']): { places: BufferPlace[]; body: Uint8Array } {
  const places: BufferPlace[] = [];
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  let at = 0;
  for (const buffer of buffers) {
    if (!(buffer instanceof Uint8Array)) {
      places.push(buffer);
      continue;
    }
    places.push({ offset: at, length: buffer.length });
    pieces.push({ at, bytes: buffer });
    at += Math.ceil(buffer.length / 8) * 8;
  }
  const body = new Uint8Array(at);
  for (const piece of pieces) body.set(piece.bytes, piece.at);
  return { places, body };
}

/** A vector of structs of two 64-bit integers, which is what field nodes and buffers both are. */
function writePairs(builder: Builder, pairs: readonly (readonly [number | bigint, number | bigint])[]): number {
  builder.startVector(16, pairs.length, 8);
  for (const [first, second] of [...pairs].reverse()) {
    builder.prep(8, 16);
    builder.writeInt64(BigInt(second));
    builder.writeInt64(BigInt(first));
  }
  return builder.endVector();
}

function writeInt64s(builder: Builder, values: readonly (number | bigint)[]): number {
  builder.startVector(8, values.length, 8);
  for (const value of [...values].reverse()) builder.addInt64(BigInt(value));
  return builder.endVector();
}

function writeCompression(builder: Builder, codec: string | number): number {
  builder.startObject(2);
  builder.forceDefaults(true);
  builder.addFieldInt8(0, typeof codec === 'number' ? codec : (CODECS[codec] ?? 0), 0);
  builder.forceDefaults(false);
  return builder.endObject();
}

function writeSchema(builder: Builder, fields: readonly WireField[], endianness: number): number {
  const vector = writeOffsets(
    builder,
    fields.map((field) => writeField(builder, field)),
  );
  builder.startObject(2);
  builder.addFieldInt16(0, endianness, 0);
  builder.addFieldOffset(1, vector, 0);
  return builder.endObject();
}

function writeField(builder: Builder, { name, type, nullable, children, dictionary }: WireField): number {
  const nested = (children ?? []).map((child) => writeField(builder, child));
  return writeFieldOver(builder, { name, type, nullable: nullable ?? true, dictionary }, nested);
}

interface FlatField extends Pick<WireField, 'name' | 'type'> {
  readonly nullable: boolean;
  readonly dictionary?: WireField['dictionary'] | undefined;
}

function writeFieldOver(builder: Builder, { name, type, nullable, dictionary }: FlatField, nested: readonly number[]): number {
  const children = writeOffsets(builder, nested);
  const table = type.write(builder);
  const encoding = dictionary === undefined ? 0 : writeEncoding(builder, dictionary);
  const text = builder.createString(name);
  builder.startObject(7);
  builder.addFieldOffset(0, text, 0);
  builder.addFieldInt8(1, nullable ? 1 : 0, 0);
  builder.addFieldInt8(2, type.id, 0);
  builder.addFieldOffset(3, table, 0);
  if (encoding !== 0) builder.addFieldOffset(4, encoding, 0);
  builder.addFieldOffset(5, children, 0);
  return builder.endObject();
}

function writeEncoding(builder: Builder, { id, indexBits, indexSigned }: NonNullable<WireField['dictionary']>): number {
  builder.startObject(2);
  builder.addFieldInt32(0, indexBits, 0);
  builder.addFieldInt8(1, indexSigned ? 1 : 0, 0);
  const index = builder.endObject();
  builder.startObject(4);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, index, 0);
  return builder.endObject();
}

function writeOffsets(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) builder.addOffset(offset);
  return builder.endVector();
}

/**
 * A schema of one field that holds one field that holds one field… of these types, outermost first. Made in a loop, so that it can be deeper
 * than the stack of who writes it.
 */
export function chainSchema(depth: number, typeAt: (level: number) => WireField['type']): ArrowMessage {
  const builder = new Builder(1 << 20);
  let child = 0;
  for (let level = depth - 1; level >= 0; level--) {
    const flat = { name: `level${level}`, type: typeAt(level), nullable: true };
    child = writeFieldOver(builder, flat, child === 0 ? [] : [child]);
  }
  return finishSchema(builder, writeOffsets(builder, [child]));
}

/** The message of a schema whose vector of fields has been written. */
export function finishSchema(builder: Builder, fields: number): ArrowMessage {
  builder.startObject(2);
  builder.addFieldOffset(1, fields, 0);
  return message(builder, HEADER.schema, builder.endObject(), { body: new Uint8Array(0) });
}
