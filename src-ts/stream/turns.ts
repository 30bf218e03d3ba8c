import { setImmediate } from 'node:timers/promises';

/**
 * How many bytes may be handed out and not yet finalized before a stream makes way for finalizers.
 *
 * Node runs the finalizers of external memory on turns of the event loop only. A consumer that awaits nothing but batches leaves none where
 * answers are ready at once, and memory that the collector has found free stays allocated.
 */
const HANDED_OUT_BYTES = 256 * 2 ** 20;

/** Enough for the collector's task and the finalizers that it queues; a fixed number, as the memory may be the caller's to keep. */
const TURNS = 3;

/** Lets the event loop turn if much memory is handed out. Never waits for any of it to come back. */
export async function makeWayForFinalizers(handedOutBytes: number): Promise<void> {
  if (handedOutBytes <= HANDED_OUT_BYTES) return;
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
}
