import { test } from 'node:test';
import type { FlightSQLClient } from 'flightsql';
import type { EvilServer } from '../server/evil-server.js';
import { grpcAnswer } from '../server/grpc-answer.js';
import type { ArrowMessage } from '../wire/arrow-message.js';
import { flightStream } from '../wire/flight-data.js';
import { type ExpectedFailure, expectFailure } from './failure.js';

/** Arrow messages that no client may take for data, and what they have to be called. */
export interface HostileCase extends Omit<ExpectedFailure, 'code'> {
  readonly name: string;
  readonly messages: readonly ArrowMessage[];
  /** Default `INVALID_DATA`. */
  readonly code?: ExpectedFailure['code'];
}

/** A test a case: the server sends the messages and ends the call as if all were well. */
export function hostileTests(server: EvilServer, client: FlightSQLClient, cases: readonly HostileCase[]): void {
  for (const { name, messages, code = 'INVALID_DATA', ...expected } of cases) {
    test(name, async () => {
      server.on(name, (stream) => grpcAnswer(stream, [flightStream(messages)]));
      await expectFailure(client, name, { code, ...expected });
    });
  }
}
