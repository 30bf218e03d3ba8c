/** Lets one in at a time, in the order in which they came. */
export class Turnstile {
  #occupied = false;
  readonly #queue: (() => void)[] = [];

  get free(): boolean {
    return !this.#occupied;
  }

  /** Resolves when everyone before has left. Every `enter` needs its `leave`. */
  async enter(): Promise<void> {
    if (this.#occupied) await new Promise<void>((admit) => this.#queue.push(admit));
    else this.#occupied = true;
  }

  leave(): void {
    const admit = this.#queue.shift();
    if (admit === undefined) this.#occupied = false;
    else admit();
  }
}
