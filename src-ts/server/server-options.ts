import type { NativeServerOptions } from '../native/binding-types.js';
import { boolean, checkOptions, expected, integer, invalidOption, nested, secret, string } from '../options/checks.js';
import { bareHost } from '../options/transport.js';
import { limitChecks, resolveLimits, type ServerLimits } from './server-limits.js';

/** Whom an {@link EmbeddedServer} lets in. Without it, everybody. */
export interface ServerAuth {
  /** With `password`: accepted by the handshake and as basic authentication. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A bearer token that is accepted. */
  readonly token?: string | undefined;
}

/** Options of {@link EmbeddedServer.start}. */
export interface ServerOptions extends ServerLimits {
  /** The address to listen on. Default `127.0.0.1`; any other than a loopback address can be reached from other machines. */
  readonly host?: string | undefined;
  /** Default 0: a free port, which {@link EmbeddedServer.port} tells. */
  readonly port?: number | undefined;
  /** The path of a SQLite file, made if it does not exist. Default `:memory:`: empty at the start and gone at the end. */
  readonly database?: string | undefined;
  readonly auth?: ServerAuth | undefined;
  /** SQL that runs before the server accepts connections, at every start; several statements, separated by `;`. */
  readonly init?: string | undefined;
  /** Endpoints that a result is split over, 1 to 1,024. Default 1. The header `x-flightsql-endpoints` says it for one query. */
  readonly endpoints?: number | undefined;
  /**
   * Rows of a record batch, 1 to 1,048,576. Without it a batch is closed at 65,536 rows or 2 MiB. The header `x-flightsql-batch-rows` says it for one
   * query.
   */
  readonly batchRows?: number | undefined;
  /** Refuses everything that changes the database. Default `false`. */
  readonly readOnly?: boolean | undefined;
}

const serverChecks = {
  host: string,
  port: integer(0, 65_535),
  database: string,
  auth: nested({ user: string, password: secret, token: secret }),
  init: sqlScript,
  endpoints: integer(1, 1024),
  batchRows: integer(1, 1_048_576),
  readOnly: boolean,
  ...limitChecks,
};

/** Checks server options and fills in the defaults. */
export function resolveServerOptions(options: ServerOptions): NativeServerOptions {
  const given = checkOptions(options, 'server options', serverChecks, {
    user: 'it is an option of auth: { user, password }',
    password: 'it is an option of auth: { user, password }',
    token: 'it is an option of auth: { token }',
    path: "did you mean 'database'?",
  });
  const auth = given.auth ?? {};
  if ((auth.user === undefined) !== (auth.password === undefined)) throw invalidOption('auth.user and auth.password belong together');
  const database = given.database ?? ':memory:';
  return {
    host: bareHost(given.host ?? '127.0.0.1', 'host'),
    port: given.port ?? 0,
    database: database === ':memory:' ? null : database,
    init: given.init ?? null,
    user: auth.user ?? null,
    password: auth.password ?? null,
    token: auth.token ?? null,
    endpoints: given.endpoints ?? 1,
    batchRows: given.batchRows ?? null,
    readOnly: given.readOnly ?? false,
    ...resolveLimits(given),
  };
}

// Not shown where it is wrong: it may be long.
function sqlScript(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw expected(name, 'SQL text', value);
}
