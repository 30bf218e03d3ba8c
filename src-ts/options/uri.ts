import { expected, invalidOption } from './checks.js';
import type { FlightSQLClientOptions } from './client-options.js';
import { suggestion } from './nearest.js';
import { readUriQuery } from './uri-query.js';

interface Scheme {
  /** What the scheme itself says of the transport; `null`: TLS, unless `?transport=` says otherwise. */
  readonly transport: 'tls' | 'tcp' | 'unix' | null;
  /** Whose names for query options it brings. */
  readonly dialect: 'own' | 'jdbc' | 'dbapi';
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  flightsql: { transport: null, dialect: 'own' },
  grpc: { transport: 'tcp', dialect: 'own' },
  'grpc+tcp': { transport: 'tcp', dialect: 'own' },
  'grpc+tls': { transport: 'tls', dialect: 'own' },
  'grpc+unix': { transport: 'unix', dialect: 'own' },
  'jdbc:arrow-flight-sql': { transport: null, dialect: 'jdbc' },
  'datafusion+flightsql': { transport: null, dialect: 'dbapi' },
};

const FORM = 'flightsql://user:password@host:port?transport=tls|tcp|unix';

/**
 * The client options that a URI stands for.
 *
 * `flightsql://host:port[?transport=tls|tcp|unix]` as ADBC has it, `flightsql:///path.sock?transport=unix`, Flight's own `grpc://`,
 * `grpc+tcp://`, `grpc+tls://` and `grpc+unix://`, a JDBC URL, and the URL of `flightsql-dbapi`'s dialect. TLS unless it says otherwise.
 * A query option that is not known is refused.
 */
export function parseUri(uri: string | URL): FlightSQLClientOptions {
  const text = uri instanceof URL ? uri.href : uri;
  if (typeof text !== 'string') throw expected('the URI', `a string such as ${FORM}`, text);
  const [, scheme, rest] = /^([a-z0-9+:.-]+?):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw invalidOption(`the URI has no scheme: it must be of the form ${FORM}`);
  }
  const known = Object.hasOwn(SCHEMES, scheme.toLowerCase()) ? SCHEMES[scheme.toLowerCase()] : undefined;
  if (known === undefined) throw invalidOption(`unknown scheme '${scheme}://': ${suggestion(scheme.toLowerCase(), Object.keys(SCHEMES))}`);
  return optionsOf(known, scheme, rest);
}

function optionsOf(scheme: Scheme, name: string, rest: string): FlightSQLClientOptions {
  if (rest.includes('#')) throw invalidOption("the URI holds a '#'", "a '#' in a password or token is written %23");
  const question = rest.indexOf('?');
  const query = question === -1 ? '' : rest.slice(question + 1);
  const place = question === -1 ? rest : rest.slice(0, question);
  const slash = place.indexOf('/');
  const path = slash === -1 ? '' : decoded(place.slice(slash), 'path');
  const authority = readAuthority(slash === -1 ? place : place.slice(0, slash));
  const asked = readUriQuery(query, scheme.dialect);
  for (const key of ['user', 'password'] as const) {
    if (asked[key] !== undefined && authority[key] !== undefined)
      throw invalidOption(`the URI gives ${key} twice: before the host and as an option`);
  }
  const options = { ...asked, ...authority };
  return { ...options, ...readTransport(scheme, name, options, path) };
}

/** Reconciles what scheme, `transport=`, `insecure=` and the path say. */
function readTransport(scheme: Scheme, name: string, given: FlightSQLClientOptions, path: string): FlightSQLClientOptions {
  if (scheme.transport !== null && given.transport !== undefined && given.transport !== scheme.transport) {
    throw invalidOption(`the scheme ${name}:// and transport=${given.transport} contradict each other`, 'flightsql:// takes any transport');
  }
  const transport = scheme.transport ?? given.transport;
  if (transport === 'unix') {
    if (given.host !== undefined)
      throw invalidOption(`the URI names a host and transport 'unix'`, 'write flightsql:///path/of.sock?transport=unix');
    if (path === '' || path === '/') throw invalidOption('the URI names no socket', 'write flightsql:///path/of.sock?transport=unix');
    return { transport, path };
  }
  if (path !== '' && path !== '/') {
    // Not shown: it may be the rest of a password with a '/' in it.
    throw invalidOption(
      'the URI has a path behind the host, which has no meaning',
      "a database is named as an option, ?database=…; a '/' in a password is written %2F",
    );
  }
  if (given.host === undefined) throw invalidOption(`the URI names no host: it must be of the form ${FORM}`);
  return transport === undefined ? {} : { transport };
}

interface Authority {
  host?: string;
  port?: number;
  user?: string;
  password?: string;
}

// No error here shows the text: it may hold a password.
function readAuthority(text: string): Authority {
  const authority: Authority = {};
  const at = text.lastIndexOf('@');
  if (at !== -1) {
    const login = text.slice(0, at);
    const colon = login.indexOf(':');
    authority.user = decoded(colon === -1 ? login : login.slice(0, colon), 'user');
    if (colon !== -1) authority.password = decoded(login.slice(colon + 1), 'password');
  }
  const [whole, host = '', port] = /^(\[[0-9a-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/i.exec(text.slice(at + 1)) ?? [];
  if (whole === undefined) {
    throw invalidOption(
      `the URI's host and port cannot be read: it must be of the form ${FORM}`,
      'a port is a number; an IPv6 address is written in brackets; special characters in user and password are written as %xx',
    );
  }
  if (host !== '') authority.host = decoded(host, 'host');
  if (port !== undefined && port !== '') authority.port = Number(port);
  return authority;
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidOption(`the URI's ${part} holds a '%' that is no escape`, "a '%' itself is written %25");
  }
}
