import type { RecordBatch } from 'apache-arrow';
import { type ResolvedRowOptions, type Row, RowFormatter } from '../arrow/index.js';
import { Turnstile } from './turnstile.js';

/** Rows, one at a time, from batches that are fetched as they are needed. */
export class RowSource {
  readonly #nextBatch: () => Promise<RecordBatch | null>;
  readonly #options: ResolvedRowOptions;
  readonly #turnstile = new Turnstile();
  #formatter: RowFormatter | undefined;
  #rows: Iterator<Row, void> | null = null;

  constructor(nextBatch: () => Promise<RecordBatch | null>, options: ResolvedRowOptions) {
    this.#nextBatch = nextBatch;
    this.#options = options;
  }

  /** The next row, `null` after the last. */
  async next(): Promise<Row | null> {
    const ready = this.#turnstile.free ? this.#take() : null;
    if (ready !== null) return ready;
    // A second read must not fetch a batch while the first one waits for its own.
    await this.#turnstile.enter();
    try {
      for (let row = this.#take(); ; row = this.#take()) {
        if (row !== null) return row;
        const batch = await this.#nextBatch();
        if (batch === null) return null;
        this.#formatter ??= new RowFormatter(batch.schema, this.#options);
        this.#rows = this.#formatter.rows(batch);
      }
    } finally {
      this.#turnstile.leave();
    }
  }

  #take(): Row | null {
    const next = this.#rows?.next();
    if (next?.done === false) return next.value;
    this.#rows = null;
    return null;
  }
}
