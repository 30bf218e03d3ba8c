import { type ArrowMessage, batchMessage, schemaMessage } from './arrow-message.js';
import { field, int, runEndEncoded, type WireType } from './arrow-type.js';
import { int32s, NOTHING } from './values.js';

/** A column of `rows` rows that all have the same value: one run, whose value is in `values`, the buffers behind its validity. */
export function oneRun(type: WireType, rows: number, values: readonly Uint8Array[]): ArrowMessage[] {
  return [
    schemaMessage([field('c', runEndEncoded, { children: [field('run_ends', int(32), { nullable: false }), field('values', type)] })]),
    batchMessage({
      rows,
      nodes: [
        [rows, 0],
        [1, 0],
        [1, 0],
      ],
      buffers: [NOTHING, int32s(rows), NOTHING, ...values],
    }),
  ];
}
