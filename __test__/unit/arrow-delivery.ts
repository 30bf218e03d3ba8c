import type { Data, DataType, Dictionary, Field, RecordBatch, Schema, Union, Vector } from 'apache-arrow';
import { Type, DataType as Types } from 'apache-arrow';
import type { FieldText, SchemaText } from '../../src-ts/arrow/schema-text.js';
import type { Delivery } from '../../src-ts/native/binding-types.js';

/** The schema text that the core would send for a schema. Dictionary ids become slots in the order in which they are met. */
export function schemaTextOf(schema: Schema): string {
  const slots = new Map<number, number>();
  const fields = schema.fields.map((field) => fieldText(field, slots));
  const text: SchemaText = { metadata: [...schema.metadata], fields, dictionaries: slots.size };
  return JSON.stringify(text);
}

function fieldText(field: Field, slots: Map<number, number>): FieldText {
  const type = field.type as DataType;
  const sorted = Types.isMap(type) && type.keysSorted;
  const ordered = Types.isDictionary(type) && type.isOrdered;
  const flags = (ordered ? 1 : 0) | (field.nullable ? 2 : 0) | (sorted ? 4 : 0);
  const base = { name: field.name, flags, nullable: field.nullable, metadata: [...field.metadata] };
  if (Types.isDictionary(type)) {
    const slot = slots.get(type.id) ?? slots.size;
    slots.set(type.id, slot);
    const value = fieldText({ name: '', type: type.dictionary, nullable: true, metadata: new Map() } as unknown as Field, slots);
    return { ...base, format: formatOf(type.indices as DataType), children: [], dictionary: { slot, ordered, value } };
  }
  const children = (type.children ?? []).map((child) => fieldText(child, slots));
  return { ...base, format: formatOf(type), children, dictionary: null };
}

const UNITS = ['s', 'm', 'u', 'n'];
const INTEGERS: { readonly [bits: number]: string } = { 8: 'c', 16: 's', 32: 'i', 64: 'l' };

// biome-ignore lint/suspicious/noExplicitAny: each entry reads the members of its own type.
const FORMATS: { readonly [typeId: number]: (type: any) => string } = {
  [Type.Null]: () => 'n',
  [Type.Bool]: () => 'b',
  [Type.Int]: ({ bitWidth, isSigned }) => (isSigned ? `${INTEGERS[bitWidth]}` : `${INTEGERS[bitWidth]}`.toUpperCase()),
  [Type.Float]: ({ precision }) => `${'efg'[precision]}`,
  [Type.Binary]: () => 'z',
  [Type.LargeBinary]: () => 'Z',
  [Type.BinaryView]: () => 'vz',
  [Type.Utf8]: () => 'u',
  [Type.LargeUtf8]: () => 'U',
  [Type.Utf8View]: () => 'vu',
  [Type.Decimal]: ({ precision, scale, bitWidth }) => `d:${precision},${scale}${bitWidth === 128 ? '' : `,${bitWidth}`}`,
  [Type.FixedSizeBinary]: ({ byteWidth }) => `w:${byteWidth}`,
  [Type.Date]: ({ unit }) => `td${'Dm'[unit]}`,
  [Type.Time]: ({ unit }) => `tt${UNITS[unit]}`,
  [Type.Timestamp]: ({ unit, timezone }) => `ts${UNITS[unit]}:${timezone ?? ''}`,
  [Type.Duration]: ({ unit }) => `tD${UNITS[unit]}`,
  [Type.Interval]: ({ unit }) => `ti${'MDn'[unit]}`,
  [Type.List]: () => '+l',
  [Type.LargeList]: () => '+L',
  [Type.FixedSizeList]: ({ listSize }) => `+w:${listSize}`,
  [Type.Struct]: () => '+s',
  [Type.Map]: () => '+m',
  [Type.Union]: ({ mode, typeIds }) => `+u${'sd'[mode]}:${[...typeIds].join()}`,
};

function formatOf(type: DataType): string {
  const format = FORMATS[type.typeId];
  if (format === undefined) throw new Error(`no format for ${type}`);
  return format(type);
}

/** Writes deliveries as the boundary page describes them, from apache-arrow's own objects. */
export class DeliveryWriter {
  readonly #words: number[] = [];
  readonly #buffers: { bytes: Uint8Array; at: number }[] = [];
  readonly #appMetadata: Uint8Array[] = [];
  readonly #slots = new Map<number, number>();
  readonly #allocations: number;

  /** @param allocations - how many ArrayBuffers the buffers are spread over. */
  constructor(schema: Schema, allocations = 1) {
    this.#allocations = allocations;
    for (const field of schema.fields) fieldText(field, this.#slots);
  }

  batch(batch: RecordBatch, place: { endpoint?: number; appMetadata?: Uint8Array } = {}): this {
    this.#words.push(2, this.#metadata(place.appMetadata), place.endpoint ?? 0, batch.numRows);
    for (const column of batch.data.children) this.#node(column);
    return this;
  }

  dictionary(id: number, values: Data, delta = false): this {
    this.#words.push(1, this.#slots.get(id) as number, delta ? 1 : 0);
    this.#node(values);
    return this;
  }

  /** Replacing dictionary messages for every dictionary of a batch, those inside of dictionaries first. */
  dictionariesOf(batch: RecordBatch): this {
    const sent = new Set<Vector>();
    const visit = (data: Data): void => {
      for (const child of data.children) visit(child);
      const { dictionary } = data;
      if (dictionary === undefined || sent.has(dictionary)) return;
      sent.add(dictionary);
      dictionary.data.forEach((chunk, index) => {
        visit(chunk);
        this.dictionary((data.type as unknown as Dictionary).id, chunk, index > 0);
      });
    };
    for (const column of batch.data.children) visit(column);
    return this;
  }

  metadata(bytes: Uint8Array, endpoint = 0): this {
    this.#words.push(3, this.#metadata(bytes), endpoint);
    return this;
  }

  finish(): Delivery {
    // Buffers are put where they are aligned to 8 bytes and no more, in turn into one ArrayBuffer and the next.
    const ends = new Array<number>(this.#allocations).fill(8);
    const places = this.#buffers.map(({ bytes }, index) => {
      const allocation = index % this.#allocations;
      const byteOffset = ends[allocation] as number;
      ends[allocation] = (byteOffset + bytes.byteLength + 15) & ~7;
      return { allocation, byteOffset };
    });
    const allocations = ends.map((end) => new ArrayBuffer(end));
    this.#buffers.forEach(({ bytes, at }, index) => {
      const { allocation, byteOffset } = places[index] as (typeof places)[number];
      new Uint8Array(allocations[allocation] as ArrayBuffer, byteOffset).set(bytes);
      this.#words[at] = allocation;
      this.#words[at + 1] = byteOffset;
    });
    return [Float64Array.from(this.#words), allocations, this.#appMetadata, ends.reduce((sum, end) => sum + end, 0), null, false];
  }

  #metadata(bytes: Uint8Array | undefined): number {
    return bytes === undefined ? -1 : this.#appMetadata.push(bytes) - 1;
  }

  #node(data: Data): void {
    const type = data.type as DataType;
    const nullCount = Types.isUnion(type) ? 0 : data.nullCount;
    this.#words.push(data.length, nullCount);
    if (!Types.isUnion(type) && !Types.isNull(type)) this.#buffer(nullCount === 0 ? null : bits(data.nullBitmap, data.offset, data.length));
    this.#ownBuffers(data);
    for (const child of data.children) this.#node(child);
  }

  /** The buffers of a node apart from its validity. */
  #ownBuffers(data: Data): void {
    const { length, stride, typeIds, valueOffsets, values } = data;
    const type = data.type as DataType;
    if (Types.isUnion(type)) {
      this.#buffer(typeIds.subarray(0, length));
      if ((type as Union).mode === 1) this.#buffer(valueOffsets.subarray(0, length));
    } else if (Types.isBool(type)) {
      this.#buffer(bits(values, data.offset, length));
    } else if (Types.isUtf8View(type) || Types.isBinaryView(type)) {
      this.#buffer(values.subarray(0, length * stride));
      this.#words.push(data.variadicBuffers.length);
      for (const buffer of data.variadicBuffers) this.#buffer(buffer);
    } else if (valueOffsets) {
      this.#buffer(valueOffsets.subarray(0, length + 1));
      if (values) this.#buffer(values);
    } else if (values) {
      this.#buffer(values.subarray(0, length * stride));
    }
  }

  #buffer(view: ArrayBufferView | null): void {
    if (view === null || view.byteLength === 0) {
      this.#words.push(-1, 0, 0);
      return;
    }
    this.#buffers.push({ bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at: this.#words.length });
    this.#words.push(0, 0, view.byteLength);
  }
}

/** A bitmap's bits from `offset` on, as a bitmap that begins with them. */
function bits(bitmap: Uint8Array, offset: number, length: number): Uint8Array {
  const moved = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) {
    const bit = offset + i;
    if (((bitmap[bit >> 3] as number) >> (bit & 7)) & 1) moved[i >> 3] = (moved[i >> 3] as number) | (1 << (i & 7));
  }
  return moved;
}
