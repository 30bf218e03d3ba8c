import type { FlightSQLClient } from 'flightsql';
import { rate } from './report.js';

/** Time, and bytes of record batches received, from when it was made. */
export class Meter {
  readonly #db: FlightSQLClient;
  readonly #began = performance.now();
  readonly #bytes: number;

  constructor(db: FlightSQLClient) {
    this.#db = db;
    this.#bytes = db.stats().memory.receivedBodyBytes;
  }

  read(rows: number): string {
    return rate(rows, this.#db.stats().memory.receivedBodyBytes - this.#bytes, performance.now() - this.#began);
  }
}
