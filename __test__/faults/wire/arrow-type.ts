import type { Builder } from 'flatbuffers';

/** A type of `Schema.fbs`: its number in the union `Type`, and what writes its table. */
export interface WireType {
  readonly id: number;
  write(builder: Builder): number;
}

/** A field of `Schema.fbs`. */
export interface WireField {
  readonly name: string;
  readonly type: WireType;
  readonly nullable?: boolean;
  readonly children?: readonly WireField[];
  readonly dictionary?: { readonly id: number; readonly indexBits: number; readonly indexSigned: boolean };
}

export interface FieldParts {
  readonly children?: readonly WireField[];
  readonly nullable?: boolean;
  readonly dictionary?: NonNullable<WireField['dictionary']>;
}

export function field(name: string, type: WireType, parts: FieldParts = {}): WireField {
  return { name, type, nullable: true, ...parts };
}

/** A field whose values are indices into dictionary `id`. `type` is that of the dictionary's values. */
export function encoded(name: string, type: WireType, id: number, indexBits: number, indexSigned = true): WireField {
  return field(name, type, { dictionary: { id, indexBits, indexSigned } });
}

/** A type whose table has these slots. */
function type(id: number, ...slots: ((builder: Builder, slot: number) => void)[]): WireType {
  return {
    id,
    write(builder) {
      builder.startObject(slots.length);
      for (const [slot, write] of slots.entries()) write(builder, slot);
      return builder.endObject();
    },
  };
}

// Written even where it is the default, so that a test can say every value.
const int32 = (value: number) => (builder: Builder, slot: number) => {
  builder.forceDefaults(true);
  builder.addFieldInt32(slot, value, 0);
  builder.forceDefaults(false);
};
const int16 = (value: number) => (builder: Builder, slot: number) => builder.addFieldInt16(slot, value, -1);
const bool = (value: boolean) => (builder: Builder, slot: number) => builder.addFieldInt8(slot, value ? 1 : 0, 0);

export const int = (bits: number, signed = true): WireType => type(2, int32(bits), bool(signed));
export const decimal = (precision: number, scale: number, bits: number): WireType => type(7, int32(precision), int32(scale), int32(bits));
export const timestamp = (unit: number): WireType => type(10, int16(unit));
export const fixedSizeBinary = (width: number): WireType => type(15, int32(width));
export const fixedSizeList = (size: number): WireType => type(16, int32(size));

export const nullType = type(1);
export const float64 = type(3, int16(2));
export const binary = type(4);
export const utf8 = type(5);
export const boolean = type(6);
export const list = type(12);
export const struct = type(13);
export const map = type(17, bool(false));
export const largeBinary = type(19);
export const largeUtf8 = type(20);
export const largeList = type(21);
export const runEndEncoded = type(22);
export const binaryView = type(23);
export const utf8View = type(24);
export const listView = type(25);
export const largeListView = type(26);

/** A union, sparse or dense, that declares these type ids. */
export function union(mode: 'sparse' | 'dense', typeIds: readonly number[]): WireType {
  return {
    id: 14,
    write(builder) {
      builder.startVector(4, typeIds.length, 4);
      for (const id of [...typeIds].reverse()) builder.addInt32(id);
      const ids = builder.endVector();
      builder.startObject(2);
      int16(mode === 'sparse' ? 0 : 1)(builder, 0);
      builder.addFieldOffset(1, ids, 0);
      return builder.endObject();
    },
  };
}

/** A union that leaves it to its readers to number its children from 0. */
export const unnumberedUnion = (mode: 'sparse' | 'dense'): WireType => type(14, int16(mode === 'sparse' ? 0 : 1));

/** A type that `Schema.fbs` does not have. */
export const unknownType = (id: number): WireType => type(id);
