import type { RecordBatch, Schema, Table } from 'apache-arrow';
import type { ArrowModule } from './arrow-module.js';
import { emptyBatch } from './empty-batch.js';

/**
 * The Table of a stream's batches. Without batches it has the schema and no rows.
 *
 * Every batch has to hold this very schema object, as those of one `StreamDecoder` do: apache-arrow then compares nothing, and columns of one
 * name stay apart.
 */
export function tableOf(arrow: ArrowModule, schema: Schema, batches: readonly RecordBatch[]): Table {
  // A Table without batches makes one of its own, in which nested columns lack their children.
  return new arrow.Table(schema, batches.length > 0 ? (batches as RecordBatch[]) : [emptyBatch(arrow, schema)]);
}
