import type { RecordBatch, Table } from 'apache-arrow';

/** Whether a value is a Table, of any copy of apache-arrow. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && 'schema' in value && 'batches' in value && Array.isArray(value.batches);
}

/** Whether a value is a RecordBatch, of any copy of apache-arrow. */
export function isRecordBatch(value: unknown): value is RecordBatch {
  return typeof value === 'object' && value !== null && 'schema' in value && 'data' in value && 'numRows' in value;
}
