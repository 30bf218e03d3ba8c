import type { NativeBinding, NativeClient } from './native/binding-types.js';

/** What a client holds at the moment. */
export interface ClientStats {
  /** Connections that are open, to the client's server and to others that hold parts of its results. */
  readonly connections: number;
  /** Calls that were sent since the client was made: queries, streams, exports. */
  readonly calls: number;
  /** Bytes of batches that are decoded and wait to be read, over all results of the client: what `maxBufferedBytes` limits. */
  readonly bufferedBytes: number;
  /** The addon's memory, of all clients of the process. */
  readonly memory: MemoryStats;
}

/** The addon's memory, of all clients of the process, in bytes where not said otherwise. */
export interface MemoryStats {
  /** Under record batches that JavaScript still holds, or that the collector has not freed yet. */
  readonly handedOutBytes: number;
  /** How many ArrayBuffers that is. */
  readonly handedOutBuffers: number;
  /** Of blocks in use: bodies that are being received, that wait to be read, or that are handed out. */
  readonly usedBytes: number;
  /** Kept to be received into again. */
  readonly pooledBytes: number;
  /** Bodies of record batches received since the process began. */
  readonly receivedBodyBytes: number;
  /** Body bytes that were copied again: where a server does not align them, or the host allows no external buffers. */
  readonly copiedBodyBytes: number;
  /** Streams that have not ended. */
  readonly openStreams: number;
}

export function clientStats(addon: Pick<NativeBinding, 'memoryStats'>, client: NativeClient): ClientStats {
  const { connections, calls, bufferedBytes } = client.stats();
  return { connections, calls, bufferedBytes, memory: addon.memoryStats() };
}
