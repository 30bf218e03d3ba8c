import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { loadArrow, RowFormatter, type RowObject, schemaFromText, tableOf } from '../arrow/index.js';
import type { NativeBinding, NativeClient, NativeMetadataRequest } from '../native/binding-types.js';
import { Call } from '../native/call.js';
import { valueOrThrow } from '../native/outcome.js';
import type { ResolvedMetadata } from '../options/metadata-options.js';
import { MessageStream } from '../stream/message-stream.js';

type Addon = Pick<NativeBinding, 'NativeCancellation' | 'schemaText'>;
type Client = Pick<NativeClient, 'metadata' | 'metadataSchema'>;

/** What is made of the rows of an answer. `schemaOf` reads an encapsulated IPC schema message. */
type Objects<T> = (rows: readonly RowObject[], schemaOf: (message: Uint8Array) => Schema) => T;

/** Asks for metadata and reads the answer whole, in the form that was asked for. */
export async function readMetadata<T>(
  addon: Addon,
  client: Client,
  request: NativeMetadataRequest,
  options: ResolvedMetadata,
  objects: Objects<T>,
): Promise<T | Table | Schema> {
  const call = Call.begin(addon, options.call);
  try {
    if (options.format === 'schema') {
      const message = call.valueOrThrow(await client.metadataSchema(request, call.native));
      return (await schemaReader(addon))(message);
    }
    const [reader, whole] = call.valueOrThrow(await client.metadata(request, call.native));
    const stream = new MessageStream(reader, call, whole);
    const batches = await stream.restOfBatches();
    const schema = await stream.schema();
    if (options.format === 'arrow') return tableOf(await stream.arrow(), schema, batches);
    return objects(rowsOf(schema, batches), await schemaReader(addon));
  } finally {
    call.end();
  }
}

/** Reads encapsulated IPC schema messages. */
export async function schemaReader(addon: Pick<NativeBinding, 'schemaText'>): Promise<(message: Uint8Array) => Schema> {
  const arrow = await loadArrow();
  return (message) => schemaFromText(arrow, valueOrThrow(addon.schemaText(message)));
}

function rowsOf(schema: Schema, batches: readonly RecordBatch[]): RowObject[] {
  const formatter = new RowFormatter(schema);
  return batches.flatMap((batch) => formatter.toArray(batch)) as RowObject[];
}
