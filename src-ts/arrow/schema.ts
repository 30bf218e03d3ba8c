import type { DataType, Dictionary, Field, Schema } from 'apache-arrow';
import type { ArrowModule } from './arrow-module.js';
import { type FieldText, type MetadataEntry, parseSchemaText } from './schema-text.js';
import { typeOfFormat } from './type-of-format.js';

/**
 * The apache-arrow Schema of a schema text.
 *
 * Extension types are their storage types; their name and parameters stay in the field's metadata. A dictionary's `id` is its slot.
 */
export function schemaFromText(arrow: ArrowModule, text: string): Schema {
  const { fields, metadata } = parseSchemaText(text);
  const build = new FieldBuilder(arrow);
  return new arrow.Schema(
    fields.map((field) => build.field(field)),
    mapOf(metadata),
  );
}

class FieldBuilder {
  readonly #arrow: ArrowModule;
  // apache-arrow takes two fields for users of one dictionary only if they hold the same value type object.
  readonly #valueTypes = new Map<number, DataType>();

  constructor(arrow: ArrowModule) {
    this.#arrow = arrow;
  }

  field(text: FieldText): Field {
    const type = text.dictionary === null ? this.#plain(text) : this.#dictionary(text);
    return new this.#arrow.Field(text.name, type, text.nullable, mapOf(text.metadata));
  }

  #plain(text: FieldText): DataType {
    return typeOfFormat(
      this.#arrow,
      text,
      text.children.map((child) => this.field(child)),
    );
  }

  #dictionary(text: FieldText): DataType {
    const { slot, ordered, value } = text.dictionary as NonNullable<FieldText['dictionary']>;
    let valueType = this.#valueTypes.get(slot);
    if (valueType === undefined) {
      valueType = this.field(value).type as DataType;
      this.#valueTypes.set(slot, valueType);
    }
    const indexType = typeOfFormat(this.#arrow, text, []) as Dictionary['indices'];
    return new this.#arrow.Dictionary(valueType, indexType, slot, ordered);
  }
}

function mapOf(entries: readonly MetadataEntry[]): Map<string, string> {
  return new Map(entries);
}
