import type { RecordBatch, Schema } from 'apache-arrow';
import { isRecordBatch, isTable } from '../arrow/index.js';
import { callChecks } from '../options/call-options.js';
import { expected, invalidOption } from '../options/checks.js';
import { readChecks } from '../options/read-options.js';
import type { ParameterRow, QueryParameters } from './parameter-types.js';

/** Parameters, told apart. */
export type Given =
  | { readonly kind: 'none' }
  | { readonly kind: 'rows'; readonly rows: readonly ParameterRow[] }
  | { readonly kind: 'batches'; readonly batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>; readonly schema: Schema | null };

/** Whether there is anything to bind. */
export function hasParameters(params: QueryParameters | null | undefined): params is QueryParameters {
  return givenParameters(params).kind !== 'none';
}

/** Call options where parameters belong would run the statement without either. */
export function refuseMistakenOptions(method: string, params: unknown, options: unknown): void {
  if (options !== undefined || typeof params !== 'object' || params === null || Array.isArray(params)) return;
  const keys = Object.keys(params);
  const known = method === 'query' ? { ...callChecks, ...readChecks } : callChecks;
  if (keys.length === 0 || !keys.every((key) => Object.hasOwn(known, key))) return;
  throw invalidOption(
    `the second argument of ${method}() is the parameters, and holds ${keys.join(', ')}: call options are the third`,
    `write ${method}(sql, null, { … }); parameters of such names are given by position`,
  );
}

/** What was given as parameters. An empty array or object is no parameters, an empty array of rows cannot be told from it. */
export function givenParameters(params: unknown): Given {
  if (params === undefined || params === null) return { kind: 'none' };
  if (typeof params !== 'object' || ArrayBuffer.isView(params) || params instanceof Date || params instanceof Map) {
    throw expected('the parameters', 'an array, an object by name, an array of these, a Table, a RecordBatch, or batches', params);
  }
  if (Array.isArray(params)) return givenArray(params);
  if (isTable(params)) return { kind: 'batches', batches: params.batches, schema: params.schema };
  if (isRecordBatch(params)) return { kind: 'batches', batches: [params], schema: params.schema };
  if (Symbol.iterator in params || Symbol.asyncIterator in params) {
    return { kind: 'batches', batches: params as Iterable<RecordBatch> | AsyncIterable<RecordBatch>, schema: null };
  }
  return Object.keys(params).length === 0 ? { kind: 'none' } : { kind: 'rows', rows: [params as ParameterRow] };
}

function givenArray(params: readonly unknown[]): Given {
  if (params.length === 0) return { kind: 'none' };
  if (params.every(isRecordBatch)) return { kind: 'batches', batches: params, schema: params[0]?.schema ?? null };
  return { kind: 'rows', rows: params.every(isRow) ? params : [params] };
}

/** Whether a value is parameters by itself: an array, or a plain object. */
function isRow(value: unknown): value is ParameterRow {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
