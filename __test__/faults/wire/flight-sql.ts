import { bytesField, flightInfo, varintField } from './flight-data.js';
import { bytesAt } from './requests.js';

/** A message of Flight SQL as answers carry it, in its `Any`. */
export function answerOf(name: string, ...fields: readonly Uint8Array[]): Buffer {
  const url = `type.googleapis.com/arrow.flight.protocol.sql.${name}`;
  return Buffer.concat([bytesField(1, Buffer.from(url)), bytesField(2, Buffer.concat(fields))]);
}

/** The name of the message within an `Any`, and its bytes. */
export function commandOf(any: Uint8Array): { readonly name: string; readonly fields: Uint8Array } {
  return { name: textAt(any, 1).split('.').at(-1) ?? '', fields: bytesAt(any, 2) };
}

/** Text by the numbers of the fields that it lies in, outermost first. */
export function textAt(message: Uint8Array, ...path: readonly number[]): string {
  return Buffer.from(bytesAt(message, ...path)).toString();
}

/** What CreatePreparedStatement answers with, without schemas. */
export function prepared(handle: string, ...more: readonly Uint8Array[]): Buffer {
  return answerOf('ActionCreatePreparedStatementResult', bytesField(1, Buffer.from(handle)), ...more);
}

/** One answer to an upload, with this application metadata; none is a message without a field. */
export function putResult(appMetadata?: Uint8Array): Buffer {
  return appMetadata === undefined ? Buffer.alloc(0) : bytesField(1, appMetadata);
}

/** A FlightInfo of one endpoint, without the prefix of gRPC. */
export function infoOf(ticket: string): Buffer {
  return flightInfo([{ ticket }]).subarray(5);
}

/** A double, which protobuf writes in 8 bytes. */
export function doubleField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([Buffer.of(number * 8 + 1), bytes]);
}

/** A protobuf `Timestamp`. */
export function timestamp(time: Date): Buffer {
  return varintField(1, Math.floor(time.getTime() / 1000));
}

/** The header of a message as IPC encapsulates it: what a schema is sent as outside a stream. */
export function encapsulated(header: Uint8Array): Buffer {
  const padded = Math.ceil(header.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded);
  bytes.writeInt32LE(-1, 0);
  bytes.writeInt32LE(padded, 4);
  bytes.set(header, 8);
  return bytes;
}
