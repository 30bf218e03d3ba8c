import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { FlightSQLClient, MemoryStats } from 'flightsql';

const LIMIT = 10_000;

/**
 * Collects garbage until no stream is open and no memory is in use. Finalizers run on turns of the event loop, streams end on threads of the
 * core: neither can be awaited, so that this asks again, and fails after ten seconds.
 */
export async function settled(client: FlightSQLClient): Promise<void> {
  await eventually(client, 'all memory to be given back', ({ handedOutBytes, handedOutBuffers, usedBytes, openStreams }) => {
    return handedOutBytes === 0 && handedOutBuffers === 0 && usedBytes === 0 && openStreams === 0;
  });
}

/** Collects garbage until the memory is as wanted. */
export async function eventually(client: FlightSQLClient, what: string, wanted: (memory: MemoryStats) => boolean): Promise<void> {
  const began = performance.now();
  for (;;) {
    collect();
    await setImmediate();
    const { memory } = client.stats();
    if (wanted(memory)) return;
    if (performance.now() - began > LIMIT) assert.fail(`waited ten seconds for ${what}: ${JSON.stringify(memory)}`);
  }
}

function collect(): void {
  assert(global.gc, 'run with --expose-gc');
  global.gc();
}
