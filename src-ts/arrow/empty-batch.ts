import type { Data, DataType, Dictionary, Field, RecordBatch, Schema } from 'apache-arrow';
import type { ArrowModule } from './arrow-module.js';
import { recordBatchMaker } from './decode/record-batch.js';

/** A batch of no rows, with every nested column in place: apache-arrow's own leaves out the children of lists. */
export function emptyBatch(arrow: ArrowModule, schema: Schema): RecordBatch {
  const columns = schema.fields.map((field) => emptyData(arrow, field.type));
  return recordBatchMaker(arrow, schema)(columns, 0);
}

function emptyData(arrow: ArrowModule, type: DataType): Data {
  const made = arrow.makeData({ type });
  const fields: readonly Field[] = type.children ?? [];
  const children = fields.map((field) => emptyData(arrow, field.type));
  const dictionary = arrow.DataType.isDictionary(type) ? new arrow.Vector([emptyData(arrow, (type as Dictionary).dictionary)]) : undefined;
  return new arrow.Data(type, 0, 0, 0, made.buffers, children, dictionary);
}
