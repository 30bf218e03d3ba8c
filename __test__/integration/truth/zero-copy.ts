import assert from 'node:assert/strict';
import type { Table } from 'apache-arrow';
import { buffersUnder } from '../../faults/expect/array-buffers.js';
import { settled } from '../../faults/expect/settled.js';
import type { TruthSession } from './comparison.js';
import { expectationOf } from './expectation.js';
import { failureOf } from './failure.js';

/** What is wrong if reading a case copies a byte of a body that was received. */
export function copies({ client }: TruthSession, name: string): Promise<string[]> {
  return failureOf(name, async () => {
    const before = client.stats().memory.copiedBodyBytes;
    await (await client.query(name)).table();
    assert.equal(client.stats().memory.copiedBodyBytes - before, 0, 'body bytes that were copied again');
  });
}

/** Compares what is handed out for cases with what lies under their tables. */
export class MemoryComparison {
  /** Nothing is finalized meanwhile: what there was is gone, and what comes is kept. */
  readonly #kept: Table[] = [];

  async failures(session: TruthSession, name: string): Promise<string[]> {
    // A table leaves batches without rows out, and their memory lies under nothing.
    if (expectationOf(session.server, name).batches.some((batch) => batch?.rows === 0)) return [];
    if (this.#kept.length === 0) await settled(session.client);
    return failureOf(name, async () => this.#kept.push(await comparedMemory(session, name)));
  }
}

async function comparedMemory({ client }: TruthSession, name: string): Promise<Table> {
  const before = client.stats().memory;
  const table = await (await client.query(name)).table();
  const { memory } = client.stats();
  const buffers = [...buffersUnder(...table.batches)];
  const held = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.equal(memory.handedOutBytes - before.handedOutBytes, held, 'bytes that were handed out, and those under the table');
  assert.equal(memory.handedOutBuffers - before.handedOutBuffers, buffers.length, 'ArrayBuffers that were made, and those under the table');
  return table;
}
