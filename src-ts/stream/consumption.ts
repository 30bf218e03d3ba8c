import { FlightSQLError } from '../errors.js';

/** Sees to it that a result is read once: its rows are gone after that, and a second reader would find too few. */
export class Consumption {
  readonly #what: string;
  #by: string | null = null;

  /** `what` is what errors call the result. */
  constructor(what: string) {
    this.#what = what;
  }

  /** To be called before anything is read; `by` is the method that reads. */
  start(by: string): void {
    this.refuseAfter(by);
    this.#by = by;
  }

  /** Throws if another method has taken the whole result. */
  refuseAfter(by: string): void {
    if (this.#by === null) return;
    throw new FlightSQLError('RESULT_CONSUMED', `${by} cannot read this ${this.#what}: ${this.#by} has read it, and its rows come once`, {
      hint: 'run the query again, or keep the Table that table() or readAll() returned',
    });
  }
}
