import type { RowObject, RowValue } from '../arrow/index.js';

/**
 * Reads the fields of one row of metadata by the names that Flight SQL gives them. Servers leave columns out, order them as they like, and choose
 * other widths for numbers: what is not there, or of another kind, is `null`.
 */
export class Fields {
  readonly #row: RowObject;

  constructor(row: RowObject) {
    this.#row = row;
  }

  text(name: string): string | null {
    const value = this.#value(name);
    return typeof value === 'string' ? value : null;
  }

  number(name: string): number | null {
    const value = this.#value(name);
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
  }

  boolean(name: string): boolean | null {
    const value = this.#value(name);
    if (typeof value === 'boolean') return value;
    const number = this.number(name);
    return number === null ? null : number !== 0;
  }

  bytes(name: string): Uint8Array | null {
    const value = this.#value(name);
    return value instanceof Uint8Array ? value : null;
  }

  texts(name: string): readonly string[] | null {
    const value = this.#value(name);
    return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : null;
  }

  #value(name: string): RowValue | undefined {
    return Object.hasOwn(this.#row, name) ? this.#row[name] : undefined;
  }
}
