import type { NativeClientOptions } from '../native/binding-types.js';
import {
  boolean,
  type Check,
  checkOptions,
  expected,
  integer,
  invalidOption,
  messageBytes,
  nested,
  oneOf,
  secret,
  string,
  strings,
} from './checks.js';
import { type CallHeaders, flatHeaders, headers } from './headers.js';
import { clientReading, type ReadOptions, readChecks } from './read-options.js';
import type { SessionOptionInput } from './session-options.js';
import { bareHost, resolveTransport, type Transport } from './transport.js';

/** Options of the TLS connection. */
export interface TlsOptions {
  /** Certificates to trust in place of the system's, as PEM text (one or several). */
  readonly ca?: string | Uint8Array | undefined;
  /** The name that the server's certificate must be for, if it is not `host`. */
  readonly serverName?: string | undefined;
}

/** How long the client waits, in milliseconds. */
export interface TimeoutOptions {
  /** Until a connection is made, TLS agreed on, and the server has begun to speak HTTP/2. Default 20,000. */
  readonly connect?: number | undefined;
}

/** Options of a {@link FlightSQLClient}. Only `host` has no default. */
export interface FlightSQLClientOptions extends ReadOptions {
  /** A name or an address, without scheme and port. */
  readonly host?: string | undefined;
  /** Default 443, whatever the transport. */
  readonly port?: number | undefined;
  /** Sent as `authorization: Bearer …`. Not together with `user` and `password`. */
  readonly token?: string | undefined;
  /** With `password`: logs in by the basic handshake, and keeps the token that the server returns, then or with any later call. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Headers of every call, by the name that `flightsql-dbapi` gives them; the same as `headers`. */
  readonly metadata?: CallHeaders | undefined;
  /** Headers of every call. */
  readonly headers?: CallHeaders | undefined;
  /** Features by name, for layers above this client; unknown ones are kept, none is sent. */
  readonly features?: Readonly<Record<string, string>> | undefined;
  /** Connects without TLS: the same as `transport: 'tcp'`. */
  readonly insecure?: boolean | undefined;
  /** Accepts any certificate. The connection is encrypted, but may be with anybody. */
  readonly disableServerVerification?: boolean | undefined;
  /** `tls` (the default), `tcp` (not encrypted), or `unix` (a socket at `path`). */
  readonly transport?: Transport | undefined;
  /** The socket of the transport `unix`. */
  readonly path?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  /**
   * Further hosts (`name` or `name:port`) that may be sent this client's credentials and cookies, when a server names them as locations of a result.
   * Credentials always go to the client's own host, and never over a weaker transport.
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * Whether the client keeps the cookies that its servers set, and sends them back: sessions of Flight SQL servers depend on it. Default `true`.
   * A `cookie` header of `headers` or of a call comes before them, and in place of those of the same name.
   */
  readonly cookies?: boolean | undefined;
  /** The catalog that the session begins in: the session option of that name, set as soon as the client has logged in. */
  readonly catalog?: string | undefined;
  /** The database schema that the session begins in, likewise. */
  readonly schema?: string | undefined;
  /** Further options that the session begins with, see {@link FlightSQLClient.setSessionOptions}. */
  readonly session?: Readonly<Record<string, SessionOptionInput>> | undefined;
  /** The largest message taken from a server, in bytes. Default 1 GiB. */
  readonly maxMessageBytes?: number | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
  /**
   * Bytes received ahead of their readers, over all results of the client, from which on every result receives one message at a time. Default
   * 256 MiB.
   */
  readonly maxBufferedBytes?: number | undefined;
}

/** Client options with every default filled in. */
export interface ResolvedClientOptions {
  readonly native: Omit<NativeClientOptions, 'sessionOptions'>;
  /** What the session begins with; `null` for nothing. */
  readonly session: Readonly<Record<string, SessionOptionInput>> | null;
  readonly features: Readonly<Record<string, string>>;
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const pem: Check<string> = (value, name) => {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : string(value, name);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw invalidOption(`${name} must be certificates as PEM text: no line -----BEGIN CERTIFICATE----- was found`);
};

const features: Check<Readonly<Record<string, string>>> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(name, 'an object of names and texts', value);
  const entries = Object.entries(value).filter(([, text]) => text !== undefined);
  for (const [key, text] of entries) if (typeof text !== 'string') throw expected(`${name}['${key}']`, 'a string', text);
  return Object.freeze(Object.fromEntries(entries));
};

// A user name may be empty: some servers take an API key as the password of nobody.
const userName: Check<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw expected(name, 'a string', value);
};

/** Each value is checked where it is encoded. */
const sessionOptions: Check<Readonly<Record<string, SessionOptionInput>>> = (value, name) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, SessionOptionInput>>;
  throw expected(name, 'an object of names and values', value);
};

const clientChecks = {
  host: string,
  port: integer(1, 65535),
  token: secret,
  user: userName,
  password: secret,
  metadata: headers,
  headers,
  features,
  insecure: boolean,
  disableServerVerification: boolean,
  transport: oneOf('tls', 'tcp', 'unix'),
  path: string,
  tls: nested({ ca: pem, serverName: string }),
  trustedHosts: strings,
  cookies: boolean,
  catalog: string,
  schema: string,
  session: sessionOptions,
  maxMessageBytes: messageBytes,
  timeouts: nested({ connect: integer(1, 2 ** 31, ' of milliseconds') }),
  maxBufferedBytes: integer(1, Number.MAX_SAFE_INTEGER, ' of bytes'),
  ...readChecks,
} as const;

/** Names that users of other clients try. */
const INSTEAD = {
  auth: 'give token, or user and password',
  username: "did you mean 'user'?",
  uri: 'give a URI to connect(uri)',
  url: 'give a URI to connect(uri)',
  database: "give it as a header: headers: { database: '…' }",
  signal: 'it is a call option: connect(options, { signal })',
  timeout: 'it is a call option; the connection has timeouts.connect',
  useEncryption: 'give insecure: true for a connection without TLS',
  retainCookies: "did you mean 'cookies'?",
  disableCertificateVerification: "did you mean 'disableServerVerification'?",
} as const;

/** Resolves and checks client options; what contradicts itself is refused rather than guessed at. */
export function resolveClientOptions(options: FlightSQLClientOptions): ResolvedClientOptions {
  const given = checkOptions(options, 'client options', clientChecks, INSTEAD);
  const transport = resolveTransport(given);
  const merged = new Map([...(given.metadata ?? []), ...(given.headers ?? [])]);
  refuseTwoCredentials(given, merged);
  const login = given.user !== undefined || given.password !== undefined;
  const native = Object.freeze({
    ...transport,
    port: given.port ?? 443,
    serverName: given.tls?.serverName ?? null,
    verify: !(given.disableServerVerification ?? false),
    ca: given.tls?.ca ?? null,
    token: given.token ?? null,
    user: login ? (given.user ?? '') : null,
    password: login ? (given.password ?? '') : null,
    headers: Object.freeze(flatHeaders(merged)),
    trustedHosts: Object.freeze((given.trustedHosts ?? []).map((host, index) => trustedHost(host, `trustedHosts[${index}]`))),
    cookies: given.cookies ?? true,
    maxMessageBytes: given.maxMessageBytes ?? GIB,
    connectTimeout: given.timeouts?.connect ?? 20_000,
    maxBufferedBytes: given.maxBufferedBytes ?? 256 * MIB,
    reading: clientReading(given),
  });
  return Object.freeze({ native, session: sessionOf(given), features: given.features ?? Object.freeze({}) });
}

function sessionOf({
  catalog,
  schema,
  session = {},
}: Pick<FlightSQLClientOptions, 'catalog' | 'schema' | 'session'>): ResolvedClientOptions['session'] {
  const named = Object.entries({ catalog, schema }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const twice = named.find(([name]) => Object.hasOwn(session, name));
  if (twice !== undefined) throw invalidOption(`${twice[0]} is given twice, once of them within session`);
  const all = { ...session, ...Object.fromEntries(named) };
  return Object.keys(all).length === 0 ? null : Object.freeze(all);
}

interface Credentials {
  readonly token?: string;
  readonly user?: string;
  readonly password?: string;
}

function refuseTwoCredentials(given: Credentials, merged: ReadonlyMap<string, string>): void {
  const ways = [
    given.token === undefined ? null : 'token',
    given.user === undefined && given.password === undefined ? null : 'user and password',
    merged.has('authorization') ? 'the header authorization' : null,
  ].filter((way) => way !== null);
  if (ways.length > 1) throw invalidOption(`${ways.join(' and ')} are both given: a client logs in in one way`);
  if (given.token === '') throw invalidOption('token is empty: leave it out to connect without one');
  if (given.token !== undefined && !/^[\x21-\x7e]+$/.test(given.token)) {
    throw invalidOption('token holds a character that cannot be in a header: a space, a line end, or one outside ASCII');
  }
}

function trustedHost(value: string, name: string): string {
  // A name or an IPv4 address with a port, or an IPv6 address in brackets; everything else is a host alone.
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(value) ?? [];
  return host === undefined ? bareHost(value, name) : `${bareHost(host, name)}:${port}`;
}
