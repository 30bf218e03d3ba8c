import type { DataType } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { shown } from '../../options/checks.js';

/** Where values come from: errors name it. */
export class ValuePlace {
  readonly #name: string;
  readonly #rows: number | null;
  readonly #before: number;

  /**
   * `name` is that of the parameter or column, `rows` how many values it has, `null` for many. `before` is how many rows came before the first of
   * these.
   */
  constructor(name: string, rows: number | null, before = 0) {
    this.#name = name;
    this.#rows = rows;
    this.#before = before;
  }

  /** The values nested in these; `name` says which. */
  within(name: string): ValuePlace {
    return new ValuePlace(`${name} of ${this.#name}`, this.#rows, this.#before);
  }

  /** The error of a value that a type does not take. */
  misfit(row: number, type: DataType, value: unknown, why: string): FlightSQLError {
    const place = this.#rows === 1 ? this.#name : `${this.#name} in row ${this.#before + row}`;
    return new FlightSQLError('INVALID_ARGUMENT', `${place} is ${shown(value)}, which does not fit its type ${type}: ${why}`);
  }
}
