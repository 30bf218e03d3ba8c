/** A call as a server saw it. */
export class SeenCall {
  /** `DoGet`, without the service. */
  readonly method: string;
  /** Names and values as they came. Not as an object: that would hide a header that is sent twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];

  constructor(rawHeaders: readonly string[]) {
    this.headers = Array.from({ length: rawHeaders.length / 2 }, (_, at) => [rawHeaders[2 * at] ?? '', rawHeaders[2 * at + 1] ?? '']);
    this.method = this.values(':path')[0]?.split('/').at(-1) ?? '';
  }

  /** Every value of a header. */
  values(name: string): string[] {
    return this.headers.filter(([key]) => key === name).map(([, value]) => value);
  }
}
