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
    for await (const { words, buffers } of whileUploading(each(binding?.messages ?? []), put, call)) {
      call.valueOrThrow(await put.write(words, buffers, null));
    }
    const [next, count] = call.valueOrThrow(await put.finish());
    return { handle: next, count };
  } catch (error) {
    put.cancel();
    throw error;
  }
}

async function* each<T>(values: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
