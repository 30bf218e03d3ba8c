/** The schema of a stream as it crosses from the core: see "The schema text" in `docs/internals/boundary.md`. */
export interface SchemaText {
  readonly metadata: readonly MetadataEntry[];
  readonly fields: readonly FieldText[];
  /** How many dictionaries the stream has; their slots count from 0. */
  readonly dictionaries: number;
}

export type MetadataEntry = readonly [key: string, value: string];

export interface FieldText {
  readonly name: string;
  /** The C Data Interface's format string; of a dictionary-encoded field the index type's. */
  readonly format: string;
  readonly nullable: boolean;
  /** The C Data Interface's flags; of them only {@link MAP_KEYS_SORTED} is read here, the others have members of their own. */
  readonly flags: number;
  readonly metadata: readonly MetadataEntry[];
  readonly children: readonly FieldText[];
  readonly dictionary: DictionaryText | null;
}

export interface DictionaryText {
  readonly slot: number;
  readonly ordered: boolean;
  readonly value: FieldText;
}

/** `ARROW_FLAG_MAP_KEYS_SORTED` of the C Data Interface. */
export const MAP_KEYS_SORTED = 4;

export function parseSchemaText(text: string): SchemaText {
  return JSON.parse(text) as SchemaText;
}
