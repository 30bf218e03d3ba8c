import type { Row, RowArray, RowObject, RowOptions } from './arrow/index.js';

/** No row options: rows are objects. */
export type NoRowOptions = Record<never, never>;

/** What a row is under row options: an object, or an array for `rowMode: 'array'`. */
export type RowOf<O extends RowOptions> = O extends { readonly rowMode: 'array' }
  ? RowArray
  : O extends { readonly rowMode: 'object' }
    ? RowObject
    : 'rowMode' extends keyof O
      ? Row
      : RowObject;
