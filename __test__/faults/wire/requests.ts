import { MessageReader } from '../../../src-ts/native/protobuf.js';

/** The ticket's bytes of a DoGet request, as text. */
export function ticketOf(request: Uint8Array): string {
  return Buffer.from(fieldOf(request, 1)).toString();
}

/** The query of a GetFlightInfo request whose descriptor holds a CommandStatementQuery. */
export function statementOf(request: Uint8Array): string {
  const command = fieldOf(request, 2);
  const statement = fieldOf(command, 2);
  return Buffer.from(fieldOf(statement, 1)).toString();
}

/** What a DoAction request with a RenewFlightEndpointRequest asks to renew, by its ticket; `null` for another action. */
export function renewedTicketOf(request: Uint8Array): string | null {
  if (Buffer.from(fieldOf(request, 1)).toString() !== 'RenewFlightEndpoint') return null;
  return Buffer.from(fieldOf(fieldOf(fieldOf(fieldOf(request, 2), 1), 1), 1)).toString();
}

/** The bytes of a field, by the numbers of the fields that it lies in, outermost first; empty where it is not there. */
export function bytesAt(message: Uint8Array, ...path: readonly number[]): Uint8Array {
  return path.reduce(fieldOf, message);
}

/** The numbers of a message's fields, in the order in which they were sent. */
export function fieldsOf(message: Uint8Array): number[] {
  const reader = new MessageReader(message, 'request');
  const fields: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) fields.push(field);
  return fields;
}

function fieldOf(message: Uint8Array, wanted: number): Uint8Array {
  const reader = new MessageReader(message, 'request');
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === wanted) return reader.bytes();
  return new Uint8Array(0);
}
