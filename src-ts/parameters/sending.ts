import type { NativeClient } from '../native/binding-types.js';
import type { Call } from '../native/call.js';
import { whileUploading } from '../native/upload.js';
import type { Binding } from './binding.js';

/** What became of parameters: the handle that the statement has from now on, and how many rows an update changed. */
export interface Sent {
  readonly handle: Uint8Array | null;
  readonly count: bigint | null;
}

/** Sends parameters of a prepared statement, each message as the server has room for it. What fails on the way leaves no stream open. */
export async function sendParameters(
  client: Pick<NativeClient, 'putParameters'>,
  handle: Uint8Array,
  purpose: 'query' | 'update',
  binding: Binding | null,
  call: Call,
): Promise<Sent> {
  const put = client.putParameters(handle, purpose, binding?.schemaText ?? null, call.native);
  try {
    const messages = binding?.messages ?? [];
    if (Symbol.asyncIterator in messages) {
      for await (const { words, buffers } of whileUploading(messages[Symbol.asyncIterator](), put, call)) {
        const sent = put.write(words, buffers, null);
        if (sent !== null) call.valueOrThrow(await sent);
      }
      return sentOf(call.valueOrThrow(await put.finish()));
    }
    // What is there already is sent in its order without anybody waiting in between.
    const writes = messages.map(({ words, buffers }) => put.write(words, buffers, null));
    const finish = put.finish();
    for (const outcome of await Promise.all(writes)) if (outcome !== null) call.valueOrThrow(outcome);
    return sentOf(call.valueOrThrow(await finish));
  } catch (error) {
    put.cancel();
    throw error;
  }
}

function sentOf([handle, count]: readonly [Uint8Array | null, bigint | null]): Sent {
  return { handle, count };
}
