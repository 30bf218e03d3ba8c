import { MessageWriter } from '../../../src-ts/native/protobuf.js';

/** The descriptor of a command of Flight SQL, as GetFlightInfo takes it. */
export function descriptorOf(name: 'CommandStatementQuery' | 'CommandStatementSubstraitPlan', command: Uint8Array): Uint8Array {
  const any = new MessageWriter().string(1, `type.googleapis.com/arrow.flight.protocol.sql.${name}`).message(2, command).finish();
  const CMD = 2;
  return new MessageWriter().int64(1, CMD).message(2, any).finish();
}
