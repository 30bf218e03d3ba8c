import { expected, invalidOption } from './checks.js';
import type { FlightSQLClientOptions } from './client-options.js';
import { parseUri } from './uri.js';

/**
 * The client options of a `connect(target, options)`.
 *
 * URI and options complete each other; what both give is refused, as one of them would have to be ignored. Headers are joined by name.
 */
export function resolveTarget(target: string | URL, options: FlightSQLClientOptions = {}): FlightSQLClientOptions {
  if (typeof options !== 'object' || options === null) throw expected('client options', 'an object', options);
  const uri = parseUri(target);
  const both = Object.keys(uri).filter((key) => isGiven(uri, key) && isGiven(options, key) && key !== 'headers' && key !== 'features');
  if (both.length > 0) throw invalidOption(`${both.join(', ')} given twice: in the URI and in the options`);
  const merged: Record<string, unknown> = { ...options };
  for (const key of Object.keys(uri)) if (isGiven(uri, key)) merged[key] = uri[key as keyof FlightSQLClientOptions];
  if (uri.headers !== undefined) merged['headers'] = joinedHeaders(uri.headers as Record<string, string>, options);
  if (uri.features !== undefined) merged['features'] = { ...uri.features, ...options.features };
  return merged;
}

function joinedHeaders(uri: Readonly<Record<string, string>>, options: FlightSQLClientOptions): Record<string, unknown> {
  const given = { ...objectOf(options.metadata), ...objectOf(options.headers) };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(uri, name.toLowerCase()))
      throw invalidOption(`the header '${name.toLowerCase()}' is given twice: in the URI and in the options`);
  }
  return { ...uri, ...objectOf(options.headers) };
}

function objectOf(headers: FlightSQLClientOptions['headers']): Record<string, unknown> {
  if (headers === undefined) return {};
  if (typeof headers !== 'object' || headers === null) throw expected('headers', 'an object of header names and values', headers);
  return Symbol.iterator in headers ? Object.fromEntries(headers as Iterable<[string, string]>) : { ...headers };
}

function isGiven(options: object, key: string): boolean {
  return (options as Record<string, unknown>)[key] !== undefined;
}
