import type { RowObject, RowValue } from './row-types.js';

/** Reads the value at a row of a column. */
export type ValueReader = (row: number) => RowValue;

/**
 * Up to this many keys copying a template and setting its keys is the quickest way to an object, several times quicker than adding the keys one
 * by one. V8 parses longer ones into hash tables, which are slow to copy.
 */
const TEMPLATE_KEYS = 127;

/** Makes objects with the same keys, a stretch of rows at a time. */
export class RowObjects {
  readonly #names: readonly string[];
  readonly #template: RowObject | null;

  /** @param names - the keys, each of them unique. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#template = names.length <= TEMPLATE_KEYS ? templateOf(names) : null;
  }

  /** The objects of `rows` rows from `from` on, one reader a key. */
  read(readers: readonly ValueReader[], from: number, rows: number): RowObject[] {
    return this.#template === null ? this.#fill(readers, from, rows) : this.#copy(this.#template, readers, from, rows);
  }

  /** The object of one row. */
  one(readers: readonly ValueReader[], row: number): RowObject {
    return this.read(readers, row, 1)[0] as RowObject;
  }

  #copy(template: RowObject, readers: readonly ValueReader[], from: number, rows: number): RowObject[] {
    const objects = new Array<RowObject>(rows);
    for (let i = 0; i < rows; i++) objects[i] = { ...template };
    for (let column = 0; column < readers.length; column++) {
      const name = this.#names[column] as string;
      const read = readers[column] as ValueReader;
      for (let i = 0; i < rows; i++) (objects[i] as RowObject)[name] = read(from + i);
    }
    return objects;
  }

  #fill(readers: readonly ValueReader[], from: number, rows: number): RowObject[] {
    const objects = new Array<RowObject>(rows);
    for (let i = 0; i < rows; i++) {
      const object: RowObject = {};
      for (let column = 0; column < readers.length; column++) {
        const name = this.#names[column] as string;
        const value = (readers[column] as ValueReader)(from + i);
        if (name === '__proto__') Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
        else object[name] = value;
      }
      objects[i] = object;
    }
    return objects;
  }
}

/** An object with the keys in order. `JSON.parse` makes `__proto__` a key like any other, and the object compact. */
function templateOf(names: readonly string[]): RowObject {
  return JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`) as RowObject;
}
