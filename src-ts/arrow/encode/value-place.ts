import type { DataType } from 'apache-arrow';
import { FlightSQLError } from '../../errors.js';
import { shown } from '../../options/checks.js';

/** Where values come from: errors name it. */
export class ValuePlace {
  readonly #name: string;
  readonly #rows: number;

  /** `name` is that of the parameter or column, `rows` how many values it has. */
  constructor(name: string, rows: number) {
    this.#name = name;
    this.#rows = rows;
  }

  /** The values nested in these; `name` says which. */
  within(name: string): ValuePlace {
    return new ValuePlace(`${name} of ${this.#name}`, this.#rows);
  }

  /** The error of a value that a type does not take. */
  misfit(row: number, type: DataType, value: unknown, why: string): FlightSQLError {
    const place = this.#rows > 1 ? `${this.#name} in row ${row}` : this.#name;
    return new FlightSQLError('INVALID_ARGUMENT', `${place} is ${shown(value)}, which does not fit its type ${type}: ${why}`);
  }
}
