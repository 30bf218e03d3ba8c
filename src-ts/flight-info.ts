import type { Schema } from 'apache-arrow';
import { type ArrowModule, loadArrow, schemaFromText } from './arrow/index.js';
import { FlightSQLError } from './errors.js';
import type { NativeBinding } from './native/binding-types.js';
import { type DescriptorMessage, decodeInfo, type EndpointMessage, type InfoMessage } from './native/flight-messages.js';
import { valueOrThrow } from './native/outcome.js';

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

/** The source of an endpoint that this build made; `undefined` for look-alikes. */
export function sourceOf(endpoint: FlightEndpoint): EndpointSource | undefined {
  return sources.get(endpoint);
}

/**
 * The FlightInfo of an encoded message.
 *
 * apache-arrow is loaded here if the message has a schema, so that `schema` needs no promise.
 */
export async function flightInfoOf(addon: Pick<NativeBinding, 'schemaText'>, encoded: Uint8Array): Promise<FlightInfo> {
  const message = decodeInfo(encoded);
  const readSchema = message.schema.length === 0 ? null : schemaReader(addon, await loadArrow(), message.schema);
  return new DecodedInfo(message, readSchema);
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

function endpointOf(message: EndpointMessage, index: number): FlightEndpoint {
  const endpoint: FlightEndpoint = Object.freeze({
    ticket: message.ticket,
    locations: Object.freeze([...message.locations]),
    expirationTime: dateOf(message.expirationTime),
    appMetadata: message.appMetadata,
  });
  sources.set(endpoint, { encoded: message.encoded, index });
  return endpoint;
}

function descriptorOf(message: DescriptorMessage): FlightDescriptor {
  return { type: DESCRIPTOR_TYPES[message.type] ?? 'unknown', command: message.cmd, path: message.path };
}

/** Flight writes an unknown count as -1; no negative count means anything else. */
function known(count: bigint): bigint | null {
  return count < 0n ? null : count;
}

function dateOf(time: EndpointMessage['expirationTime']): Date | null {
  if (time === null) return null;
  const date = new Date(Number(time.seconds) * 1000 + Math.floor(time.nanos / 1e6));
  if (!Number.isNaN(date.getTime())) return date;
  throw new FlightSQLError('PROTOCOL_ERROR', `an endpoint expires ${time.seconds} s after 1970, which is no time that a Date holds`);
}
