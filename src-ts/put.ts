import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { BatchEncoder, isBatchMessage, isRecordBatch, isTable } from './arrow/index.js';
import type { NativeBinding, NativeClient } from './native/binding-types.js';
import { Call } from './native/call.js';
import type { ResolvedCallOptions } from './options/call-options.js';
import { expected } from './options/checks.js';

/** One message of an upload: rows, application metadata, or both. */
export interface FlightPutMessage {
  readonly batch?: RecordBatch | null | undefined;
  readonly appMetadata?: Uint8Array | null | undefined;
}

/** What an upload brings: a Table, or messages of one schema. */
export type FlightPutData = Table | Iterable<RecordBatch | FlightPutMessage> | AsyncIterable<RecordBatch | FlightPutMessage>;

const NOTHING = new Float64Array(0);

/** Uploads data, and returns the application metadata of each of the server's answers. */
export async function putData(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  client: () => Pick<NativeClient, 'doPut'>,
  descriptor: Uint8Array,
  data: FlightPutData | null,
  options: ResolvedCallOptions,
): Promise<readonly Uint8Array[]> {
  const call = Call.begin(addon, options);
  try {
    const messages = messagesOf(data);
    try {
      const first = await messages.next();
      // The schema comes with the descriptor, so that the first batch is looked for before anything is sent.
      const ahead: FlightPutMessage[] = [];
      let schema: Schema | null = data !== null && isTable(data) ? data.schema : null;
      for (let next = first; next.done !== true; next = await messages.next()) {
        ahead.push(next.value);
        schema ??= next.value.batch?.schema ?? null;
        if (schema !== null) break;
      }
      const encoder = schema === null ? null : new BatchEncoder(schema);
      const put = client().doPut(descriptor, encoder?.schemaText ?? null, call.native);
      try {
        for await (const message of both(ahead, messages)) await write(put, encoder, message, call);
        return call.valueOrThrow(await put.finishPlain());
      } catch (error) {
        put.cancel();
        throw error;
      }
    } finally {
      await messages.return(undefined);
    }
  } finally {
    call.end();
  }
}

async function write(
  put: ReturnType<NativeClient['doPut']>,
  encoder: BatchEncoder | null,
  { batch, appMetadata }: FlightPutMessage,
  call: Call,
): Promise<void> {
  if (encoder === null || batch === null || batch === undefined) {
    call.valueOrThrow(await put.write(NOTHING, [], appMetadata ?? new Uint8Array(0)));
    return;
  }
  for (const message of encoder.messages(batch)) {
    const metadata = isBatchMessage(message) ? (appMetadata ?? null) : null;
    call.valueOrThrow(await put.write(message.words, message.buffers, metadata));
  }
}

async function* both(ahead: readonly FlightPutMessage[], rest: AsyncIterator<FlightPutMessage>): AsyncGenerator<FlightPutMessage> {
  yield* ahead;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* messagesOf(data: unknown): AsyncGenerator<FlightPutMessage, undefined, undefined> {
  if (data === null || data === undefined) return;
  if (typeof data !== 'object' || !(isTable(data) || Symbol.iterator in data || Symbol.asyncIterator in data)) {
    throw expected('the data', 'a Table, an iterable of record batches or of messages { batch, appMetadata }, or null', data);
  }
  const elements = isTable(data) ? data.batches : (data as Iterable<unknown> | AsyncIterable<unknown>);
  for await (const element of elements) yield messageOf(element);
}

function messageOf(element: unknown): FlightPutMessage {
  if (isRecordBatch(element)) return { batch: element };
  if (typeof element === 'object' && element !== null && ('batch' in element || 'appMetadata' in element)) {
    const { batch, appMetadata } = element as FlightPutMessage;
    const isRight =
      (batch === undefined || batch === null || isRecordBatch(batch)) && (appMetadata ?? new Uint8Array(0)) instanceof Uint8Array;
    if (isRight) return { batch, appMetadata };
  }
  throw expected('an element of the data', 'a RecordBatch, or { batch, appMetadata } with a RecordBatch and a Uint8Array', element);
}
