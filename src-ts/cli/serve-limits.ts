import type { ServerOptions } from '../server/index.js';

/** The option of the server that each option of the command is; all are whole numbers. */
const LIMITS = {
  'token-lifetime': 'tokenLifetime',
  'max-kept-bytes': 'maxKeptBytes',
  'kept-for': 'keptFor',
  'max-prepared-statements': 'maxPreparedStatements',
  'max-prepared-bytes': 'maxPreparedBytes',
  'prepared-for': 'preparedFor',
  'max-sessions': 'maxSessions',
  'session-idle-timeout': 'sessionIdleTimeout',
  'max-transactions': 'maxTransactions',
  'transaction-timeout': 'transactionTimeout',
  'write-wait': 'writeWait',
  'max-message-bytes': 'maxMessageBytes',
  'stop-timeout': 'stopTimeout',
} as const satisfies Record<string, keyof ServerOptions>;

type LimitOption = keyof typeof LIMITS;
type Limits = Pick<ServerOptions, (typeof LIMITS)[LimitOption]>;

/** What `--help` says of them. */
export const LIMITS_HELP = `limits, in bytes, in milliseconds, or as a number:
  --max-kept-bytes <bytes>            of results that are kept in memory (512 MiB)
  --kept-for <ms>                     a result that was computed before it is fetched (300000)
  --max-prepared-statements <number>  open at a time (1000)
  --max-prepared-bytes <bytes>        of them, and of values and rows that are being received (256 MiB)
  --prepared-for <ms>                 a prepared statement that nobody uses (1800000)
  --max-sessions <number>             at a time (10000)
  --session-idle-timeout <ms>         of a session that no call names (1800000)
  --max-transactions <number>         open at a time (100)
  --transaction-timeout <ms>          of a transaction that nobody uses, or an upload that falls silent (300000)
  --write-wait <ms>                   for a transaction or an ingestion that writes (10000)
  --max-message-bytes <bytes>         of one message that a client sends (256 MiB)
  --token-lifetime <ms>               of a token that is given for a user and password (86400000)
  --stop-timeout <ms>                 for calls to end when the server does (2000)
`;

/** How they are parsed. */
export const LIMIT_OPTIONS = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, { type: 'string' }])) as Record<
  LimitOption,
  { readonly type: 'string' }
>;

/** Those that are given, as options of the server. */
export function limits(
  values: Readonly<Partial<Record<LimitOption, string | undefined>>>,
  wholeNumber: (text: string | undefined, option: string) => number | undefined,
): Limits {
  const names = Object.keys(LIMITS) as LimitOption[];
  return Object.fromEntries(names.map((name) => [LIMITS[name], wholeNumber(values[name], `--${name}`)]));
}
