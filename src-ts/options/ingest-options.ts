import type { DataType } from 'apache-arrow';
import type { NativeIngest } from '../native/binding-types.js';
import type { Transaction } from '../transaction.js';
import { type ResolvedCallOptions, resolvedUpload, type UploadOptions, uploadChecks } from './call-options.js';
import { boolean, type Check, callback, checkOptions, expected, integer, oneOf, string } from './checks.js';

/**
 * What becomes of the table: `create` makes it, and fails where it is there; `append` adds to it, and fails where it is not; `replace` makes it
 * anew, whatever was there; `create_append` adds to it, and makes it where it is not there.
 */
export type IngestMode = 'create' | 'append' | 'replace' | 'create_append';

/** How far an ingest has come. */
export interface IngestProgress {
  /** Rows that the connection has taken so far. */
  readonly rows: number;
  /** Record batches that it has taken so far; large ones go as several. */
  readonly batches: number;
}

/** Options of {@link FlightSQLClient.executeIngest}. */
export interface IngestOptions extends UploadOptions {
  /** Default `create`. */
  readonly mode?: IngestMode | undefined;
  readonly catalog?: string | undefined;
  /** The database schema of the table. */
  readonly schema?: string | undefined;
  /** Whether the table is a temporary one. Default `false`. */
  readonly temporary?: boolean | undefined;
  /** Options of the server's own. */
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** The transaction that the rows are part of; the same as {@link Transaction.executeIngest}. */
  readonly transaction?: Transaction | undefined;
  /** Arrow types of columns by name, for rows that are objects, where those that the first rows suggest are not wanted. */
  readonly types?: Readonly<Record<string, DataType | null>> | undefined;
  /** Rows of a record batch that is made of objects, 1 to 1,048,576. Default 16,384. */
  readonly batchRows?: number | undefined;
  /**
   * Called every 100 ms at most while rows are sent, and once at the end. An error that it throws ends the ingest, which rejects with it; at the end the
   * rows are in all the same.
   */
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined;
}

/** Ingest options with every default filled in. */
export interface ResolvedIngest {
  readonly request: Omit<NativeIngest, 'transaction'>;
  readonly transaction: Transaction | null;
  readonly types: Readonly<Record<string, DataType | null>>;
  readonly batchRows: number;
  readonly onProgress: ((progress: IngestProgress) => void) | null;
  readonly call: ResolvedCallOptions;
}

const serverOptions: Check<readonly string[]> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(name, 'an object of names and texts', value);
  return Object.entries(value).flatMap(([key, text]) => {
    if (typeof text !== 'string') throw expected(`${name}['${key}']`, 'a string', text);
    return [key, text];
  });
};

const columnTypes: Check<Readonly<Record<string, DataType | null>>> = (value, name) => {
  const isType = (each: unknown) => each === null || (typeof each === 'object' && 'typeId' in each);
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isType)) {
    return value as Readonly<Record<string, DataType | null>>;
  }
  throw expected(name, 'Arrow types, or null, by the names of columns', value);
};

const transaction: Check<Transaction> = (value, name) => {
  if (typeof value === 'object' && value !== null && 'executeIngest' in value && 'commit' in value) return value as Transaction;
  throw expected(name, 'a Transaction that beginTransaction() returned', value);
};

const ingestChecks = {
  ...uploadChecks,
  mode: oneOf('create', 'append', 'replace', 'create_append'),
  catalog: string,
  schema: string,
  temporary: boolean,
  options: serverOptions,
  transaction,
  types: columnTypes,
  batchRows: integer(1, 1_048_576),
  onProgress: callback<(progress: IngestProgress) => void>('({ rows, batches }) => void'),
};

/** Resolves the table and the options of an ingest. */
export function resolveIngest(table: unknown, options: IngestOptions | undefined): ResolvedIngest {
  const given = options === undefined ? {} : checkOptions(options, 'ingest options', ingestChecks);
  const request = {
    table: string(table, 'the table of an ingest'),
    catalog: given.catalog ?? null,
    dbSchema: given.schema ?? null,
    temporary: given.temporary ?? false,
    mode: given.mode ?? 'create',
    options: given.options ?? [],
  };
  return {
    request,
    transaction: given.transaction ?? null,
    types: given.types ?? {},
    batchRows: given.batchRows ?? 16_384,
    onProgress: given.onProgress ?? null,
    call: resolvedUpload(given),
  };
}
