import type { ArrowMessage } from './arrow-message.js';

/** A message with its gRPC prefix. */
export function grpcFrame(message: Uint8Array, flags = 0, claimedLength = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags, 0);
  prefix.writeUInt32BE(claimedLength, 1);
  return Buffer.concat([prefix, message]);
}

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A length-delimited protobuf field. */
export function bytesField(number: number, bytes: Uint8Array, claimedLength: number | bigint = bytes.length): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(claimedLength), bytes]);
}

export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

const HEADER = 2;
const APP_METADATA = 3;
const BODY = 1000;

/** The protobuf message `FlightData`. */
export function flightData({ header, body }: Partial<ArrowMessage>, appMetadata?: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  if (header !== undefined) parts.push(bytesField(HEADER, header));
  if (appMetadata !== undefined) parts.push(bytesField(APP_METADATA, appMetadata));
  if (body !== undefined && body.length > 0) parts.push(bytesField(BODY, body));
  return Buffer.concat(parts);
}

/** Arrow messages as the bytes of a DoGet response. */
export function flightStream(messages: readonly ArrowMessage[]): Buffer {
  return Buffer.concat(messages.map((message) => grpcFrame(flightData(message))));
}

export interface EndpointParts {
  readonly ticket: string;
  readonly locations?: readonly string[];
  /** When it expires, in milliseconds since 1970. */
  readonly expires?: number;
}

/** The protobuf message `FlightEndpoint`. */
export function flightEndpoint({ ticket, locations = [], expires }: EndpointParts): Buffer {
  return Buffer.concat([
    bytesField(1, bytesField(1, Buffer.from(ticket))),
    ...locations.map((uri) => bytesField(2, bytesField(1, Buffer.from(uri)))),
    ...(expires === undefined ? [] : [bytesField(3, timestamp(expires))]),
  ]);
}

function timestamp(millis: number): Buffer {
  const seconds = Math.floor(millis / 1000);
  return Buffer.concat([varintField(1, seconds), varintField(2, (millis - seconds * 1000) * 1e6)]);
}

/** A schema as FlightInfo holds it: the message with the length of its header in front. */
export function encapsulated({ header }: ArrowMessage): Buffer {
  const prefix = Buffer.alloc(8, 0xff);
  prefix.writeUInt32LE(header.length, 4);
  return Buffer.concat([prefix, header]);
}

/** The protobuf message `FlightInfo`, as the one message of a response. */
export function flightInfo(endpoints: readonly EndpointParts[], schema?: Uint8Array, ordered = false): Buffer {
  const encoded = endpoints.map((endpoint) => bytesField(3, flightEndpoint(endpoint)));
  const parts = [...encoded, varintField(4, -1), varintField(5, -1), ...(ordered ? [varintField(6, 1)] : [])];
  return grpcFrame(Buffer.concat(schema === undefined ? parts : [bytesField(1, schema), ...parts]));
}
