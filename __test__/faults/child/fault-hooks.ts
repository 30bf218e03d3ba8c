import binding from '#binding';

/** What the addon that can force faults has beside the published one. */
interface Hooks {
  /** Makes a pass through a place panic, the first but for `skipped`; place 0 disarms. */
  __armPanic(place: number, skipped?: number): void;
  /** Makes the `nth` block of memory that is asked for from here on be refused; 0 disarms. */
  __refuseBlock(nth: number): void;
  /** The same for Rust's own allocations of 256 KiB and more. */
  __refuseAllocation(nth: number): void;
  /** The same for ArrayBuffers over what was received. */
  __refuseArrayBuffer(nth: number): void;
  /** Whether a fault is still to come. */
  __isArmed(): boolean;
  /** Bytes of external memory that V8 counts for its decisions; `process.memoryUsage()` has another count. */
  __externalMemory(): number;
}

const hooks = binding as unknown as Hooks;

/** The numbers of `faults::Place`. */
const PLACES = {
  stream: 1,
  decode: 2,
  export: 3,
  call: 4,
  completion: 5,
  finalizer: 6,
  message: 7,
  exportBatch: 8,
  delivery: 9,
  connector: 10,
  vectorFinalizer: 11,
  landing: 12,
} as const;

export type Place = keyof typeof PLACES;

/** A fault of the addon with test hooks. */
export interface Fault {
  /** A panic where this place is passed, or memory that is refused: a block, an allocation of Rust's of 256 KiB or more, an ArrayBuffer. */
  readonly at: Place | 'block' | 'allocation' | 'ArrayBuffer';
  /** How many passes, blocks, allocations or ArrayBuffers are let through first. Default 0. */
  readonly skipped?: number;
}

/** From here on the fault may happen, once. */
export function arm({ at, skipped = 0 }: Fault): void {
  if (at === 'block') hooks.__refuseBlock(skipped + 1);
  else if (at === 'allocation') hooks.__refuseAllocation(skipped + 1);
  else if (at === 'ArrayBuffer') hooks.__refuseArrayBuffer(skipped + 1);
  else hooks.__armPanic(PLACES[at], skipped);
}

/** Whether a fault is still to come. */
export function isArmed(): boolean {
  return hooks.__isArmed();
}

export function disarm(): void {
  hooks.__armPanic(0);
  hooks.__refuseBlock(0);
  hooks.__refuseAllocation(0);
  hooks.__refuseArrayBuffer(0);
}

/** MiB of external memory that V8 counts for its decisions on when to collect. */
export function countedMiB(): number {
  return hooks.__externalMemory() / 2 ** 20;
}
