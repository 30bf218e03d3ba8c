import { MessageReader, MessageWriter } from './protobuf.js';

/** FlightDescriptor of `Flight.proto`. */
export interface DescriptorMessage {
  readonly type: number;
  readonly cmd: Uint8Array;
  readonly path: readonly string[];
}

/** FlightEndpoint of `Flight.proto`; `encoded` is the message as received. */
export interface EndpointMessage {
  readonly ticket: Uint8Array | null;
  readonly locations: readonly string[];
  readonly expirationTime: { readonly seconds: bigint; readonly nanos: number } | null;
  readonly appMetadata: Uint8Array;
  readonly encoded: Uint8Array;
}

/** FlightInfo of `Flight.proto`. */
export interface InfoMessage {
  readonly schema: Uint8Array;
  readonly descriptor: DescriptorMessage | null;
  readonly endpoints: readonly EndpointMessage[];
  readonly totalRecords: bigint;
  readonly totalBytes: bigint;
  readonly ordered: boolean;
  readonly appMetadata: Uint8Array;
}

/** PollInfo of `Flight.proto`. */
export interface PollMessage {
  readonly info: Uint8Array | null;
  /** What to poll with next; `null` where the query has ended. */
  readonly descriptor: Uint8Array | null;
  readonly progress: number | null;
  readonly expirationTime: EndpointMessage['expirationTime'];
}

/** A kind of action that a server knows: ActionType of `Flight.proto`. */
export interface FlightActionType {
  /** What `doAction` takes. */
  readonly type: string;
  /** What the server says of it; may be empty. */
  readonly description: string;
}

const EMPTY: Uint8Array = new Uint8Array(0);

export function decodePoll(bytes: Uint8Array): PollMessage {
  const reader = new MessageReader(bytes, 'PollInfo');
  const poll = {
    info: null as Uint8Array | null,
    descriptor: null as Uint8Array | null,
    progress: null as number | null,
    expirationTime: null as EndpointMessage['expirationTime'],
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) poll.info = reader.bytes();
    else if (field === 2) poll.descriptor = reader.bytes();
    else if (field === 3) poll.progress = reader.double();
    else if (field === 4) poll.expirationTime = decodeTimestamp(reader.view());
  }
  return poll;
}

export function decodeActionType(bytes: Uint8Array): FlightActionType {
  const reader = new MessageReader(bytes, 'ActionType');
  const action = { type: '', description: '' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) action.type = reader.string();
    else if (field === 2) action.description = reader.string();
  }
  return action;
}

/** The FlightDescriptor of a command, or of a path. */
export function encodeDescriptor({ command, path }: { readonly command?: Uint8Array; readonly path?: readonly string[] }): Uint8Array {
  const writer = new MessageWriter();
  if (command !== undefined) return writer.int64(1, 2).bytes(2, command).finish();
  writer.int64(1, 1);
  for (const part of path ?? []) writer.message(3, new TextEncoder().encode(part));
  return writer.finish();
}

const PREPARED_QUERY = 'type.googleapis.com/arrow.flight.protocol.sql.CommandPreparedStatementQuery';

/** The FlightDescriptor of a prepared query. */
export function encodePreparedQuery(handle: Uint8Array): Uint8Array {
  const query = new MessageWriter().bytes(1, handle).finish();
  return encodeDescriptor({ command: new MessageWriter().string(1, PREPARED_QUERY).bytes(2, query).finish() });
}

export function decodeInfo(bytes: Uint8Array): InfoMessage {
  const reader = new MessageReader(bytes, 'FlightInfo');
  const endpoints: EndpointMessage[] = [];
  const info = {
    schema: EMPTY,
    descriptor: null as DescriptorMessage | null,
    endpoints,
    totalRecords: 0n,
    totalBytes: 0n,
    ordered: false,
    appMetadata: EMPTY,
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) info.schema = reader.bytes();
    else if (field === 2) info.descriptor = decodeDescriptor(reader.view());
    else if (field === 3) endpoints.push(decodeEndpoint(reader.bytes()));
    else if (field === 4) info.totalRecords = reader.int64();
    else if (field === 5) info.totalBytes = reader.int64();
    else if (field === 6) info.ordered = reader.bool();
    else if (field === 7) info.appMetadata = reader.bytes();
  }
  return info;
}

export function decodeEndpoint(encoded: Uint8Array): EndpointMessage {
  const reader = new MessageReader(encoded, 'FlightEndpoint');
  const locations: string[] = [];
  const endpoint = {
    ticket: null as Uint8Array | null,
    locations,
    expirationTime: null as EndpointMessage['expirationTime'],
    appMetadata: EMPTY,
    encoded,
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) endpoint.ticket = decodeTicket(reader.view());
    else if (field === 2) locations.push(decodeLocation(reader.view()));
    else if (field === 3) endpoint.expirationTime = decodeTimestamp(reader.view());
    else if (field === 4) endpoint.appMetadata = reader.bytes();
  }
  return endpoint;
}

/** The FlightEndpoint of a ticket. Without locations it is read over the client's own connection. */
export function encodeEndpoint(ticket: Uint8Array, locations: readonly string[] = []): Uint8Array {
  const endpoint = new MessageWriter().message(1, new MessageWriter().bytes(1, ticket).finish());
  for (const location of locations) endpoint.message(2, new MessageWriter().string(1, location).finish());
  return endpoint.finish();
}

function decodeTicket(bytes: Uint8Array): Uint8Array {
  const reader = new MessageReader(bytes, 'Ticket');
  let ticket: Uint8Array = EMPTY;
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 1) ticket = reader.bytes();
  return ticket;
}

function decodeLocation(bytes: Uint8Array): string {
  const reader = new MessageReader(bytes, 'Location');
  let uri = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 1) uri = reader.string();
  return uri;
}

function decodeTimestamp(bytes: Uint8Array): { seconds: bigint; nanos: number } {
  const reader = new MessageReader(bytes, 'Timestamp');
  let seconds = 0n;
  let nanos = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) seconds = reader.int64();
    else if (field === 2) nanos = reader.int32();
  }
  return { seconds, nanos };
}

function decodeDescriptor(bytes: Uint8Array): DescriptorMessage {
  const reader = new MessageReader(bytes, 'FlightDescriptor');
  const path: string[] = [];
  const descriptor = { type: 0, cmd: EMPTY, path };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) descriptor.type = reader.int32();
    else if (field === 2) descriptor.cmd = reader.bytes();
    else if (field === 3) path.push(reader.string());
  }
  return descriptor;
}
