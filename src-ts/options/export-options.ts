import { fileURLToPath } from 'node:url';
import type { NativeParquetOptions } from '../native/binding-types.js';
import type { QueryParameters } from '../parameters/parameter-types.js';
import { type QueryOptions, queryChecks, type ResolvedCallOptions, resolvedRead } from './call-options.js';
import { callback, checkOptions, expected, integer, invalidOption, oneOf } from './checks.js';

/** How a Parquet file's pages are compressed. */
export type ParquetCompression = 'none' | 'snappy' | 'gzip' | 'brotli' | 'lz4' | 'zstd';

/** How far an export has come. */
export interface ExportProgress {
  /** Rows written so far. */
  readonly rows: number;
  /** Bytes of the file so far. */
  readonly bytes: number;
  /** Record batches received so far. */
  readonly batches: number;
}

/** Options of {@link FlightSQLClient.exportTo}. */
export interface ExportOptions extends QueryOptions {
  /** Parameters of the query, as {@link FlightSQLClient.query} takes them. */
  readonly params?: QueryParameters | null | undefined;
  /** Default `zstd`. */
  readonly compression?: ParquetCompression | undefined;
  /** `gzip` 0 to 9, `brotli` 0 to 11, `zstd` 1 to 22; the others have none. Without it the codec's own default. */
  readonly compressionLevel?: number | undefined;
  /** The most rows of a row group. Default 122,880. */
  readonly rowGroupRows?: number | undefined;
  /** Called every 100 ms while the export goes on, and once at its end. An error that it throws is what the export rejects with, and ends it. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

/** Export options with every default filled in. */
export interface ResolvedExport {
  readonly path: string;
  readonly parquet: NativeParquetOptions;
  readonly call: ResolvedCallOptions;
  readonly params: QueryParameters | null;
  readonly onProgress: ((progress: ExportProgress) => void) | null;
}

/** Checked where they are bound. */
function anything<T>(value: unknown): T {
  return value as T;
}

const exportChecks = {
  ...queryChecks,
  params: anything<QueryParameters | null>,
  compression: oneOf('none', 'snappy', 'gzip', 'brotli', 'lz4', 'zstd'),
  compressionLevel: integer(0, 22),
  rowGroupRows: integer(1, Number.MAX_SAFE_INTEGER),
  onProgress: callback<(progress: ExportProgress) => void>('({ rows, bytes, batches }) => void'),
};

const LEVELS: Readonly<Partial<Record<ParquetCompression, readonly [least: number, most: number]>>> = {
  gzip: [0, 9],
  brotli: [0, 11],
  zstd: [1, 22],
};

/** Resolves the file and the options of an export. */
export function resolveExport(file: string | URL, options: ExportOptions | undefined): ResolvedExport {
  const given = options === undefined ? {} : checkOptions(options, 'export options', exportChecks);
  const compression = given.compression ?? 'zstd';
  if (given.compressionLevel !== undefined) checkLevel(compression, given.compressionLevel);
  return {
    path: parquetPath(file),
    parquet: { compression, compressionLevel: given.compressionLevel ?? null, rowGroupRows: given.rowGroupRows ?? 122_880 },
    call: resolvedRead(given),
    params: given.params ?? null,
    onProgress: given.onProgress ?? null,
  };
}

function checkLevel(compression: ParquetCompression, level: number): void {
  const range = LEVELS[compression];
  if (range === undefined) throw invalidOption(`compressionLevel is given, but the compression '${compression}' has no levels`);
  if (level < range[0] || level > range[1]) throw expected('compressionLevel', `${range[0]} to ${range[1]} for '${compression}'`, level);
}

function parquetPath(file: string | URL): string {
  const path = file instanceof URL ? pathOfUrl(file) : file;
  if (typeof path !== 'string' || path === '') throw expected('the file of an export', 'a path or a file: URL', file);
  if (/\.parquet$/i.test(path)) return path;
  const [ending] = /\.[^./\\]*$/.exec(path) ?? [];
  const found = ending === undefined ? 'has no ending' : `ends in '${ending}'`;
  throw invalidOption(`the format of an export is read from the file's ending, and '${path}' ${found}: known is .parquet`);
}

function pathOfUrl(url: URL): string {
  if (url.protocol !== 'file:') throw expected('the file of an export', 'a path or a file: URL', url.protocol);
  return fileURLToPath(url);
}
