import { type Check, expected, invalidOption, kindOf } from './checks.js';

/**
 * Headers by name: an object, or pairs (a `Map`, a `Headers`). The value of a name that ends in `-bin` is bytes, or their base64 text; every
 * other value is printable ASCII.
 */
export type CallHeaders = Readonly<Record<string, string | Uint8Array>> | Iterable<readonly [string, string | Uint8Array]>;

/** Headers with their names in lower case, each once, ready for the wire. */
export type HeaderMap = ReadonlyMap<string, string>;

// HTTP/2 and gRPC set these themselves; a second value would make the request invalid.
const RESERVED: Readonly<Record<string, string>> = {
  'content-type': 'gRPC sets it',
  te: 'gRPC sets it',
  host: 'HTTP/2 has none',
  connection: 'HTTP/2 has none',
  'transfer-encoding': 'HTTP/2 has none',
  'keep-alive': 'HTTP/2 has none',
  'proxy-connection': 'HTTP/2 has none',
  upgrade: 'HTTP/2 has none',
  'content-length': 'gRPC has none',
};

/** Headers as a user gives them. Names that differ in case only are one header; the last value wins. */
export const headers: Check<HeaderMap> = (value, name) => {
  const map = new Map<string, string>();
  for (const pair of pairsOf(value, name)) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') throw expected(name, 'pairs of a header name and its value', pair);
    const header = headerName(pair[0], name);
    if (pair[1] !== undefined) map.set(header, headerValue(header, pair[1], name));
  }
  return map;
};

function pairsOf(value: unknown, name: string): Iterable<unknown> {
  if (typeof value !== 'object' || value === null) throw expected(name, 'an object of header names and values', value);
  return Symbol.iterator in value ? (value as Iterable<unknown>) : Object.entries(value);
}

/** `name, value, name, value…`: how headers cross to the addon. */
export function flatHeaders(map: HeaderMap): string[] {
  return [...map].flat();
}

function headerName(key: string, option: string): string {
  const lower = key.toLowerCase();
  if (!/^[0-9a-z_.-]+$/.test(lower)) {
    throw invalidOption(`${option} holds the header name '${key}'; letters, digits, '-', '_' and '.' are allowed`);
  }
  if (lower.startsWith('grpc-')) {
    const hint = lower === 'grpc-timeout' ? 'use the call option timeout' : undefined;
    throw invalidOption(`${option} holds '${key}': names that begin with grpc- belong to gRPC`, hint);
  }
  const reason = RESERVED[lower];
  if (reason !== undefined) throw invalidOption(`${option} holds '${key}', which cannot be set: ${reason}`);
  return lower;
}

// A header may be a password: its value is never shown.
function headerValue(name: string, value: unknown, option: string): string {
  if (name.endsWith('-bin')) return binaryValue(name, value, option);
  if (typeof value !== 'string') throw invalidOption(`${option}['${name}'] must be a string, not ${kindOf(value)}`);
  if (!/^[\x20-\x7e]*$/.test(value)) {
    throw invalidOption(
      `${option}['${name}'] holds a character that is not printable ASCII`,
      `other text goes into a header whose name ends in -bin: '${name}-bin'`,
    );
  }
  return value.trim();
}

function binaryValue(name: string, value: unknown, option: string): string {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return value;
  throw invalidOption(`${option}['${name}'] must be a Uint8Array or base64 text, as the value of every header whose name ends in -bin`);
}
