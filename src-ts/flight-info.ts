import type { Schema } from 'apache-arrow';
import { type ArrowModule, loadArrow, schemaFromText } from './arrow/index.js';
import { FlightSQLError } from './errors.js';
import { addon } from './native/addon.js';
import type { NativeBinding } from './native/binding-types.js';
import { type DescriptorMessage, decodeEndpoint, decodeInfo, type EndpointMessage, type InfoMessage } from './native/flight-messages.js';
import { valueOrThrow } from './native/outcome.js';
import { expected } from './options/checks.js';

/** What a result was asked for with: a command (every Flight SQL query is one) or a path. */
export interface FlightDescriptor {
  readonly type: 'unknown' | 'path' | 'command';
  /** The command as the server knows it; empty for a path. */
  readonly command: Uint8Array;
  readonly path: readonly string[];
}

/** One part of a result: a ticket, and where it can be redeemed. */
export interface FlightEndpoint {
  /** What {@link FlightSQLClient.doGet} redeems; opaque bytes. `null` where the server sent none. */
  readonly ticket: Uint8Array | null;
  /** URIs of servers that hold the part; none means the server that answered. */
  readonly locations: readonly string[];
  /** When the ticket ends to be valid, to the millisecond; `null` where the server does not say. */
  readonly expirationTime: Date | null;
  /** Whatever the server attached; empty for most. */
  readonly appMetadata: Uint8Array;
}

/**
 * What a server answers to a query: the schema of the result, and the endpoints that hold its parts.
 *
 * The result is all endpoints together. {@link FlightSQLClient.query} reads them all.
 */
export interface FlightInfo {
  /**
   * The schema, or `null` where the server announces none before the data. It is read on first access; a schema that is not valid throws a
   * {@link FlightSQLError} with code `INVALID_DATA` then. Servers may announce another nullability than the data has.
   */
  readonly schema: Schema | null;
  readonly endpoints: readonly FlightEndpoint[];
  /** Rows in all, or `null` where the server does not know. */
  readonly totalRecords: bigint | null;
  /** Bytes in all, or `null` where the server does not know. */
  readonly totalBytes: bigint | null;
  /** Whether the endpoints are in the order of the result. */
  readonly ordered: boolean;
  readonly descriptor: FlightDescriptor | null;
  /** Whatever the server attached; empty for most. */
  readonly appMetadata: Uint8Array;
}

const DESCRIPTOR_TYPES = ['unknown', 'path', 'command'] as const;

/** What doGet needs of an endpoint beside what is public: the message as received, and its place in the result. */
export interface EndpointSource {
  readonly encoded: Uint8Array;
  readonly index: number;
}

const sources = new WeakMap<FlightEndpoint, EndpointSource>();
const infos = new WeakMap<FlightInfo, Uint8Array>();

/** The source of an endpoint that this build made; `undefined` for look-alikes. */
export function sourceOf(endpoint: FlightEndpoint): EndpointSource | undefined {
  return sources.get(endpoint);
}

/** The message that a FlightInfo was read from. */
export function encodedInfo(info: unknown): Uint8Array {
  const encoded = typeof info === 'object' && info !== null ? infos.get(info as FlightInfo) : undefined;
  if (encoded !== undefined) return encoded;
  throw expected('the FlightInfo', 'one that a call of a client, or deserializeFlightInfo(), returned', info);
}

/**
 * A FlightInfo as bytes, for another worker, process or machine: {@link deserializeFlightInfo} reads them there. They are the protobuf message that
 * every Flight client knows.
 */
export function serializeFlightInfo(info: FlightInfo): Uint8Array {
  return new Uint8Array(encodedInfo(info));
}

/**
 * Reads what {@link serializeFlightInfo} made, or any other FlightInfo message.
 *
 * @throws {@link FlightSQLError} with code `PROTOCOL_ERROR` for bytes that are none.
 */
export async function deserializeFlightInfo(bytes: Uint8Array): Promise<FlightInfo> {
  return flightInfoOf(addon, ownBytes(bytes, 'a FlightInfo'));
}

/**
 * An endpoint as bytes, so that another worker, process or machine can read this part of a result.
 *
 * @example
 * ```ts
 * import { deserializeEndpoint, serializeEndpoint } from 'flightsql'
 *
 * const info = await db.execute('SELECT * FROM home')
 * const parts = info.endpoints.map(serializeEndpoint)
 * // Elsewhere, with a client of its own:
 * for (const part of parts) console.log((await db.doGet(deserializeEndpoint(part)).readAll()).numRows)
 * ```
 */
export function serializeEndpoint(endpoint: FlightEndpoint): Uint8Array {
  const source = typeof endpoint === 'object' && endpoint !== null ? sources.get(endpoint) : undefined;
  if (source !== undefined) return new Uint8Array(source.encoded);
  throw expected('the endpoint', 'one of a FlightInfo, or one that deserializeEndpoint() returned', endpoint);
}

/**
 * Reads what {@link serializeEndpoint} made, or any other FlightEndpoint message.
 *
 * @throws {@link FlightSQLError} with code `PROTOCOL_ERROR` for bytes that are none.
 */
export function deserializeEndpoint(bytes: Uint8Array): FlightEndpoint {
  return endpointOf(decodeEndpoint(ownBytes(bytes, 'an endpoint')), 0);
}

function ownBytes(bytes: unknown, what: string): Uint8Array {
  if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
  throw expected(`what ${what} is read from`, 'a Uint8Array', bytes);
}

/** The endpoint of a message, the `index`th of its result. */
export function endpointOf(message: EndpointMessage, index: number): FlightEndpoint {
  const endpoint: FlightEndpoint = Object.freeze({
    ticket: message.ticket,
    locations: Object.freeze([...message.locations]),
    expirationTime: dateOf(message.expirationTime, 'an endpoint'),
    appMetadata: message.appMetadata,
  });
  sources.set(endpoint, { encoded: message.encoded, index });
  return endpoint;
}

/**
 * The FlightInfo of an encoded message.
 *
 * apache-arrow is loaded here if the message has a schema, so that `schema` needs no promise.
 */
export async function flightInfoOf(addon: Pick<NativeBinding, 'schemaText'>, encoded: Uint8Array): Promise<FlightInfo> {
  const message = decodeInfo(encoded);
  return decodedInfo(addon, message.schema.length === 0 ? null : await loadArrow(), message, encoded);
}

/** The same, made when it is first asked for. */
export async function laterFlightInfo(addon: Pick<NativeBinding, 'schemaText'>, encoded: Uint8Array): Promise<() => FlightInfo> {
  const arrow = await loadArrow();
  let info: FlightInfo | undefined;
  return () => {
    info ??= decodedInfo(addon, arrow, decodeInfo(encoded), encoded);
    return info;
  };
}

function decodedInfo(
  addon: Pick<NativeBinding, 'schemaText'>,
  arrow: ArrowModule | null,
  message: InfoMessage,
  encoded: Uint8Array,
): FlightInfo {
  const readSchema = message.schema.length === 0 || arrow === null ? null : schemaReader(addon, arrow, message.schema);
  const info = new DecodedInfo(message, readSchema);
  infos.set(info, encoded);
  return info;
}

function schemaReader(addon: Pick<NativeBinding, 'schemaText'>, arrow: ArrowModule, encoded: Uint8Array): () => Schema {
  return () => schemaFromText(arrow, valueOrThrow(addon.schemaText(encoded)));
}

class DecodedInfo implements FlightInfo {
  readonly endpoints: readonly FlightEndpoint[];
  readonly totalRecords: bigint | null;
  readonly totalBytes: bigint | null;
  readonly ordered: boolean;
  readonly descriptor: FlightDescriptor | null;
  readonly appMetadata: Uint8Array;
  readonly #readSchema: (() => Schema) | null;
  #schema: Schema | undefined;

  constructor(message: InfoMessage, readSchema: (() => Schema) | null) {
    this.endpoints = Object.freeze(message.endpoints.map(endpointOf));
    this.totalRecords = known(message.totalRecords);
    this.totalBytes = known(message.totalBytes);
    this.ordered = message.ordered;
    this.descriptor = message.descriptor === null ? null : descriptorOf(message.descriptor);
    this.appMetadata = message.appMetadata;
    this.#readSchema = readSchema;
  }

  get schema(): Schema | null {
    if (this.#readSchema === null) return null;
    this.#schema ??= this.#readSchema();
    return this.#schema;
  }
}

function descriptorOf(message: DescriptorMessage): FlightDescriptor {
  return { type: DESCRIPTOR_TYPES[message.type] ?? 'unknown', command: message.cmd, path: message.path };
}

/** Flight writes an unknown count as -1; no negative count means anything else. */
function known(count: bigint): bigint | null {
  return count < 0n ? null : count;
}

/** The time of a message; `what` expires then. */
export function dateOf(time: EndpointMessage['expirationTime'], what: string): Date | null {
  if (time === null) return null;
  const date = new Date(Number(time.seconds) * 1000 + Math.floor(time.nanos / 1e6));
  if (!Number.isNaN(date.getTime())) return date;
  throw new FlightSQLError('PROTOCOL_ERROR', `${what} expires ${time.seconds} s after 1970, which is no time that a Date holds`);
}
