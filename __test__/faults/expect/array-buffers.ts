import type { Data, RecordBatch } from 'apache-arrow';

/** The views that an array is made of, its children's and its dictionary's among them. */
export function viewsOf(data: Data): ArrayBufferView[] {
  const own = [data.nullBitmap, data.valueOffsets, data.typeIds, data.values, ...(data.variadicBuffers ?? [])];
  const nested = [...data.children, ...(data.dictionary?.data ?? [])];
  return [...own.filter((view) => ArrayBuffer.isView(view) && !isOfNothing(data, view)), ...nested.flatMap(viewsOf)];
}

/** Empty, or the one offset that an array without values has, and that apache-arrow makes where there is none. */
function isOfNothing({ length }: Data, view: ArrayBufferView): boolean {
  return view.byteLength === 0 || (length === 0 && view.byteLength === view.buffer.byteLength && view.byteLength <= 8);
}

/** The ArrayBuffers under the columns of batches, each once. */
export function buffersUnder(...batches: readonly RecordBatch[]): Set<ArrayBufferLike> {
  return new Set(batches.flatMap((batch) => batch.data.children.flatMap(viewsOf)).map((view) => view.buffer));
}
