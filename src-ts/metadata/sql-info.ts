import type { RowObject, RowValue } from '../arrow/index.js';
import { expected } from '../options/checks.js';
import { suggestion } from '../options/nearest.js';

/** Every code of Flight SQL's SqlInfo by name, and the kind of value that the specification gives it. */
export const SQL_INFO = {
  FLIGHT_SQL_SERVER_NAME: [0, 'text'],
  FLIGHT_SQL_SERVER_VERSION: [1, 'text'],
  FLIGHT_SQL_SERVER_ARROW_VERSION: [2, 'text'],
  FLIGHT_SQL_SERVER_READ_ONLY: [3, 'boolean'],
  FLIGHT_SQL_SERVER_SQL: [4, 'boolean'],
  FLIGHT_SQL_SERVER_SUBSTRAIT: [5, 'boolean'],
  FLIGHT_SQL_SERVER_SUBSTRAIT_MIN_VERSION: [6, 'text'],
  FLIGHT_SQL_SERVER_SUBSTRAIT_MAX_VERSION: [7, 'text'],
  FLIGHT_SQL_SERVER_TRANSACTION: [8, 'integer'],
  FLIGHT_SQL_SERVER_CANCEL: [9, 'boolean'],
  FLIGHT_SQL_SERVER_BULK_INGESTION: [10, 'boolean'],
  FLIGHT_SQL_SERVER_INGEST_TRANSACTIONS_SUPPORTED: [11, 'boolean'],
  FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT: [100, 'integer'],
  FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT: [101, 'integer'],
  SQL_DDL_CATALOG: [500, 'boolean'],
  SQL_DDL_SCHEMA: [501, 'boolean'],
  SQL_DDL_TABLE: [502, 'boolean'],
  SQL_IDENTIFIER_CASE: [503, 'integer'],
  SQL_IDENTIFIER_QUOTE_CHAR: [504, 'text'],
  SQL_QUOTED_IDENTIFIER_CASE: [505, 'integer'],
  SQL_ALL_TABLES_ARE_SELECTABLE: [506, 'boolean'],
  SQL_NULL_ORDERING: [507, 'integer'],
  SQL_KEYWORDS: [508, 'strings'],
  SQL_NUMERIC_FUNCTIONS: [509, 'strings'],
  SQL_STRING_FUNCTIONS: [510, 'strings'],
  SQL_SYSTEM_FUNCTIONS: [511, 'strings'],
  SQL_DATETIME_FUNCTIONS: [512, 'strings'],
  SQL_SEARCH_STRING_ESCAPE: [513, 'text'],
  SQL_EXTRA_NAME_CHARACTERS: [514, 'text'],
  SQL_SUPPORTS_COLUMN_ALIASING: [515, 'boolean'],
  SQL_NULL_PLUS_NULL_IS_NULL: [516, 'boolean'],
  SQL_SUPPORTS_CONVERT: [517, 'conversions'],
  SQL_SUPPORTS_TABLE_CORRELATION_NAMES: [518, 'boolean'],
  SQL_SUPPORTS_DIFFERENT_TABLE_CORRELATION_NAMES: [519, 'boolean'],
  SQL_SUPPORTS_EXPRESSIONS_IN_ORDER_BY: [520, 'boolean'],
  SQL_SUPPORTS_ORDER_BY_UNRELATED: [521, 'boolean'],
  SQL_SUPPORTED_GROUP_BY: [522, 'integer'],
  SQL_SUPPORTS_LIKE_ESCAPE_CLAUSE: [523, 'boolean'],
  SQL_SUPPORTS_NON_NULLABLE_COLUMNS: [524, 'boolean'],
  SQL_SUPPORTED_GRAMMAR: [525, 'integer'],
  SQL_ANSI92_SUPPORTED_LEVEL: [526, 'integer'],
  SQL_SUPPORTS_INTEGRITY_ENHANCEMENT_FACILITY: [527, 'boolean'],
  SQL_OUTER_JOINS_SUPPORT_LEVEL: [528, 'integer'],
  SQL_SCHEMA_TERM: [529, 'text'],
  SQL_PROCEDURE_TERM: [530, 'text'],
  SQL_CATALOG_TERM: [531, 'text'],
  SQL_CATALOG_AT_START: [532, 'boolean'],
  SQL_SCHEMAS_SUPPORTED_ACTIONS: [533, 'integer'],
  SQL_CATALOGS_SUPPORTED_ACTIONS: [534, 'integer'],
  SQL_SUPPORTED_POSITIONED_COMMANDS: [535, 'integer'],
  SQL_SELECT_FOR_UPDATE_SUPPORTED: [536, 'boolean'],
  SQL_STORED_PROCEDURES_SUPPORTED: [537, 'boolean'],
  SQL_SUPPORTED_SUBQUERIES: [538, 'integer'],
  SQL_CORRELATED_SUBQUERIES_SUPPORTED: [539, 'boolean'],
  SQL_SUPPORTED_UNIONS: [540, 'integer'],
  SQL_MAX_BINARY_LITERAL_LENGTH: [541, 'long'],
  SQL_MAX_CHAR_LITERAL_LENGTH: [542, 'long'],
  SQL_MAX_COLUMN_NAME_LENGTH: [543, 'long'],
  SQL_MAX_COLUMNS_IN_GROUP_BY: [544, 'long'],
  SQL_MAX_COLUMNS_IN_INDEX: [545, 'long'],
  SQL_MAX_COLUMNS_IN_ORDER_BY: [546, 'long'],
  SQL_MAX_COLUMNS_IN_SELECT: [547, 'long'],
  SQL_MAX_COLUMNS_IN_TABLE: [548, 'long'],
  SQL_MAX_CONNECTIONS: [549, 'long'],
  SQL_MAX_CURSOR_NAME_LENGTH: [550, 'long'],
  SQL_MAX_INDEX_LENGTH: [551, 'long'],
  SQL_DB_SCHEMA_NAME_LENGTH: [552, 'long'],
  SQL_MAX_PROCEDURE_NAME_LENGTH: [553, 'long'],
  SQL_MAX_CATALOG_NAME_LENGTH: [554, 'long'],
  SQL_MAX_ROW_SIZE: [555, 'long'],
  SQL_MAX_ROW_SIZE_INCLUDES_BLOBS: [556, 'boolean'],
  SQL_MAX_STATEMENT_LENGTH: [557, 'long'],
  SQL_MAX_STATEMENTS: [558, 'long'],
  SQL_MAX_TABLE_NAME_LENGTH: [559, 'long'],
  SQL_MAX_TABLES_IN_SELECT: [560, 'long'],
  SQL_MAX_USERNAME_LENGTH: [561, 'long'],
  SQL_DEFAULT_TRANSACTION_ISOLATION: [562, 'integer'],
  SQL_TRANSACTIONS_SUPPORTED: [563, 'boolean'],
  SQL_SUPPORTED_TRANSACTIONS_ISOLATION_LEVELS: [564, 'integer'],
  SQL_DATA_DEFINITION_CAUSES_TRANSACTION_COMMIT: [565, 'boolean'],
  SQL_DATA_DEFINITIONS_IN_TRANSACTIONS_IGNORED: [566, 'boolean'],
  SQL_SUPPORTED_RESULT_SET_TYPES: [567, 'integer'],
  SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED: [568, 'integer'],
  SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY: [569, 'integer'],
  SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE: [570, 'integer'],
  SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE: [571, 'integer'],
  SQL_BATCH_UPDATES_SUPPORTED: [572, 'boolean'],
  SQL_SAVEPOINTS_SUPPORTED: [573, 'boolean'],
  SQL_NAMED_PARAMETERS_SUPPORTED: [574, 'boolean'],
  SQL_LOCATORS_UPDATE_COPY: [575, 'boolean'],
  SQL_STORED_FUNCTIONS_USING_CALL_SYNTAX_SUPPORTED: [576, 'boolean'],
} as const;

/** The name of an info, as the specification has it. */
export type SqlInfoName = keyof typeof SQL_INFO;

/** The kinds of values that a SqlInfo has. */
export interface SqlInfoKinds {
  /** Text. */
  readonly text: string;
  /** Whether it is so. */
  readonly boolean: boolean;
  /** An ordinal or bit mask of an enumeration, or milliseconds. */
  readonly integer: number;
  /** A limit; 0 is none, or none that is known. */
  readonly long: bigint;
  /** Words, or names of functions. */
  readonly strings: readonly string[];
  /** From one type to others, by their numbers. */
  readonly conversions: ReadonlyMap<number, readonly number[]>;
}

/** Any value of a SqlInfo. */
export type SqlInfoValue = SqlInfoKinds[keyof SqlInfoKinds] | null;

/**
 * What a server says of itself: by name what the specification knows, of which a server tells what it likes; and by code, in `other`, what it
 * does not know, such as vendors' own.
 *
 * Booleans, text and lists of text are that; ordinals and bit masks of enumerations, and milliseconds, are numbers; limits are bigint. A
 * server that sends a value of another kind than the specification says is shown as it is.
 */
export type SqlInfo = { readonly [N in SqlInfoName]?: SqlInfoKinds[(typeof SQL_INFO)[N][1]] | null } & {
  readonly other: ReadonlyMap<number, SqlInfoValue>;
};

const NAMES: ReadonlyMap<number, SqlInfoName> = new Map(Object.entries(SQL_INFO).map(([name, [code]]) => [code, name as SqlInfoName]));

/** The codes of infos that are asked for by name or by number. */
export function sqlInfoCodes(infos: unknown): readonly number[] {
  if (infos === undefined || infos === null) return [];
  if (!Array.isArray(infos)) throw expected('the infos of getSqlInfo()', 'an array of names or codes', infos);
  return infos.map((info, index) => codeOf(info, `infos[${index}]`));
}

function codeOf(info: unknown, what: string): number {
  if (typeof info === 'number' && Number.isInteger(info) && info >= 0 && info <= 0xffff_ffff) return info;
  if (typeof info === 'string' && Object.hasOwn(SQL_INFO, info)) return SQL_INFO[info as SqlInfoName][0];
  const hint = typeof info === 'string' ? `; ${suggestion(info, Object.keys(SQL_INFO))}` : '';
  throw expected(what, "a SqlInfo's name, or its code as a whole number", info, hint);
}

/** One object of all rows. Of a code that comes more than once the last value counts. */
export function sqlInfoOf(rows: readonly RowObject[]): SqlInfo {
  const known: Partial<Record<SqlInfoName, SqlInfoValue>> = {};
  const other = new Map<number, SqlInfoValue>();
  for (const { info_name: code, value = null } of rows) {
    if (typeof code !== 'number' && typeof code !== 'bigint') continue;
    const name = NAMES.get(Number(code));
    if (name === undefined) other.set(Number(code), infoValue(value, null));
    else known[name] = infoValue(value, SQL_INFO[name][1]);
  }
  return { ...known, other } as SqlInfo;
}

/** Numbers are of the width that the specification gives the info, whichever the server chose. */
function infoValue(value: RowValue, kind: keyof SqlInfoKinds | null): SqlInfoValue {
  if (kind === 'integer' && typeof value === 'bigint') return Number(value);
  if (kind === 'long' && typeof value === 'number') return BigInt(value);
  if (Array.isArray(value) && (kind === 'conversions' || isMap(value))) return new Map(value as [number, number[]][]);
  return value as SqlInfoValue;
}

/** In rows a map is an array of pairs, where a list of a SqlInfo is one of texts. */
function isMap(value: readonly RowValue[]): boolean {
  return value.length > 0 && value.every(Array.isArray);
}
