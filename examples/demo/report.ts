/** `1,234,567` */
export function count(value: number | bigint): string {
  return value.toLocaleString('en-US');
}

/** `12.3 MB` */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `2,000,000 rows, 123.4 MB in 1.23 s: 100 MB/s` */
export function rate(rows: number, bytes: number, ms: number): string {
  const perSecond = bytes / 1e6 / (ms / 1000);
  return `${count(rows)} rows, ${megabytes(bytes)} in ${(ms / 1000).toFixed(2)} s: ${perSecond.toFixed(0)} MB/s`;
}

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

/** A line that is written over again on a terminal, and a line now and then elsewhere. */
export class ProgressLine {
  readonly #out = process.stderr;
  #last = Number.NEGATIVE_INFINITY;

  show(text: string): void {
    const now = performance.now();
    if (now - this.#last < (this.#out.isTTY ? 50 : 1000)) return;
    this.#last = now;
    this.#out.write(this.#out.isTTY ? `\r\x1b[2K  ${text}` : `  ${text}\n`);
  }

  clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[2K');
  }
}
