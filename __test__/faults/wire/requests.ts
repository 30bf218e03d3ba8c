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

function fieldOf(message: Uint8Array, wanted: number): Uint8Array {
  const reader = new MessageReader(message, 'request');
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === wanted) return reader.bytes();
  return new Uint8Array(0);
}
