export { type ArrowModule, loadArrow } from './arrow-module.js';
export { type DecodedBatch, type DecodedMessage, type DecodedMetadata, StreamDecoder } from './decode/stream-decoder.js';
export { decimalBigInt, decimalString } from './exact/decimal.js';
export { timestampBigInt, timestampISO, timestampNanos } from './exact/timestamp.js';
export { type ResolvedRowOptions, type RowOptions, resolveRowOptions } from './rows/row-options.js';
export type { Row, RowArray, RowObject, RowValue } from './rows/row-types.js';
export { RowFormatter, rowsOf } from './rows/rows.js';
export { schemaFromText } from './schema.js';
export { tableOf } from './table.js';
