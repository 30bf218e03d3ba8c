import { invalidOption, oneOf } from './checks.js';
import type { FlightSQLClientOptions } from './client-options.js';
import { suggestion } from './nearest.js';

type Mutable = { -readonly [K in keyof FlightSQLClientOptions]: FlightSQLClientOptions[K] };
type Reader = (options: Mutable, value: string, name: string) => void;

const transport = oneOf('tls', 'tcp', 'unix');

const OWN: Readonly<Record<string, Reader>> = {
  transport: (options, value, name) => set(options, 'transport', transport(value, name)),
  token: (options, value) => set(options, 'token', value),
  user: (options, value) => set(options, 'user', value),
  password: (options, value) => set(options, 'password', value),
  insecure: (options, value, name) => set(options, 'insecure', flag(value, name)),
  disableServerVerification: (options, value, name) => set(options, 'disableServerVerification', flag(value, name)),
  cookies: (options, value, name) => set(options, 'cookies', flag(value, name)),
  catalog: (options, value) => set(options, 'catalog', value),
  schema: (options, value) => set(options, 'schema', value),
  database: (options, value) => header(options, 'database', value),
};

/** What the JDBC driver calls the same options. */
const JDBC: Readonly<Record<string, Reader>> = {
  ...OWN,
  useEncryption: (options, value, name) => set(options, 'insecure', !flag(value, name)),
  retainCookies: (options, value, name) => set(options, 'cookies', flag(value, name)),
  disableCertificateVerification: (options, value, name) => set(options, 'disableServerVerification', flag(value, name)),
  connectTimeoutMs: (options, value, name) => set(options, 'timeouts', { connect: count(value, name) }),
};

/** What the dialect of `flightsql-dbapi` calls them. */
const DBAPI: Readonly<Record<string, Reader>> = {
  ...OWN,
  disable_server_verification: (options, value, name) => set(options, 'disableServerVerification', flag(value, name)),
};

const READERS = { own: OWN, jdbc: JDBC, dbapi: DBAPI } as const;

/**
 * The options in the query of a URI. A '+' is a '+', as tokens in base64 have it, not a space.
 *
 * Unknown options are refused: sent on as headers, as other clients do, a mistyped one would be lost in silence.
 */
export function readUriQuery(query: string, dialect: keyof typeof READERS): FlightSQLClientOptions {
  const readers = READERS[dialect];
  const options: Mutable = {};
  const seen = new Set<string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decoded(pair.slice(equals + 1), name);
    if (seen.has(name)) throw invalidOption(`the URI gives the option '${name}' twice`);
    seen.add(name);
    readOption(options, readers, name, value);
  }
  return options;
}

function readOption(options: Mutable, readers: Readonly<Record<string, Reader>>, name: string, value: string): void {
  const feature = /^feature[-.](.+)$/.exec(name)?.[1];
  const headerName = /^header\.(.+)$/.exec(name)?.[1];
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader !== undefined) reader(options, value, `the URI's option ${name}`);
  else if (headerName !== undefined) header(options, headerName, value);
  else if (feature !== undefined) options.features = { ...options.features, [feature]: value };
  else {
    const known = [...Object.keys(readers), 'header.<name>'];
    // Anything else than a name may be the rest of a password with a '?' in it.
    const shown = /^[\w.-]+$/.test(name) ? name : '…';
    throw invalidOption(`unknown option '${shown}' in the URI: ${suggestion(name, known)}`, `a header is written header.${shown}=…`);
  }
}

function set<K extends keyof Mutable>(options: Mutable, key: K, value: Mutable[K]): void {
  if (options[key] !== undefined) throw invalidOption(`the URI gives ${key} twice, under two names`);
  options[key] = value;
}

function header(options: Mutable, name: string, value: string): void {
  const headers = (options.headers ?? {}) as Record<string, string>;
  const lower = name.toLowerCase();
  if (Object.hasOwn(headers, lower)) throw invalidOption(`the URI gives the header '${lower}' twice`);
  options.headers = { ...headers, [lower]: value };
}

function flag(value: string, name: string): boolean {
  if (/^(true|1|on|yes)$/i.test(value)) return true;
  if (/^(false|0|off|no)$/i.test(value)) return false;
  throw invalidOption(`${name} must be true or false, not '${value}'`);
}

function count(value: string, name: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw invalidOption(`${name} must be a whole number of milliseconds, not '${value}'`);
}

function decoded(text: string, name?: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    const where = name === undefined ? 'the name of an option' : `the option '${name}'`;
    throw invalidOption(`the URI holds a '%' that is no escape in ${where}`, "a '%' itself is written %25");
  }
}
