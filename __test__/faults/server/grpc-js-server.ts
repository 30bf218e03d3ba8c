import { after } from 'node:test';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { flightData, flightInfo } from '../wire/flight-data.js';
import { statementOf, ticketOf } from '../wire/requests.js';
import { GOOD_BATCH, GOOD_SCHEMA } from './good-stream.js';

export type GrpcJsCall = ServerWritableStream<Buffer, Buffer>;

/** What an answer says beside its messages and its status. */
export interface Told {
  readonly head?: Metadata;
  readonly trailers?: Metadata;
}

/** Messages of good data: the schema, and two rows each. */
export const GOOD_MESSAGES: readonly Buffer[] = [GOOD_SCHEMA, GOOD_BATCH, GOOD_BATCH].map((message) => flightData(message));

const SERVICE = '/arrow.flight.protocol.FlightService';
const asItIs = (bytes: Buffer) => bytes;
/** Bytes in, bytes out: what a message means is said here and not by generated code. */
const METHOD = {
  requestStream: false,
  requestDeserialize: asItIs,
  requestSerialize: asItIs,
  responseDeserialize: asItIs,
  responseSerialize: asItIs,
};

/** A Flight SQL server over grpc-js: a stack that others wrote, with its own ideas of ending calls and connections. */
export class GrpcJsServer {
  port = 0;
  #server = new Server();
  /** Answers of DoGet by query; what is not here is good data. */
  readonly #answers = new Map<string, (call: GrpcJsCall) => void>();
  /** The headers of every call so far. */
  readonly calls: { readonly method: string; readonly headers: Metadata }[] = [];
  /** What calls are told; the trailers with good data only. */
  tells: (method: string, before: number) => Told = () => ({});

  static async start(): Promise<GrpcJsServer> {
    const server = new GrpcJsServer();
    await server.listen();
    after(() => server.stop());
    return server;
  }

  on(query: string, answer: (call: GrpcJsCall) => void): this {
    this.#answers.set(query, answer);
    return this;
  }

  /** Begins to serve; where it did before, if it did. */
  async listen(): Promise<void> {
    this.#server = new Server();
    this.#server.addService(
      {
        GetFlightInfo: { ...METHOD, path: `${SERVICE}/GetFlightInfo`, responseStream: false },
        DoGet: { ...METHOD, path: `${SERVICE}/DoGet`, responseStream: true },
      },
      {
        GetFlightInfo: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
          const { head, trailers } = this.#hear('GetFlightInfo', call.metadata);
          if (head !== undefined) call.sendMetadata(head);
          // Without the prefix, which grpc-js writes itself.
          answer(null, flightInfo([{ ticket: statementOf(call.request) }]).subarray(5), trailers);
        },
        DoGet: (call: GrpcJsCall) => {
          const { head, trailers } = this.#hear('DoGet', call.metadata);
          if (head !== undefined) call.sendMetadata(head);
          const answer = this.#answers.get(ticketOf(call.request));
          if (answer === undefined) good(call, trailers);
          else answer(call);
        },
      },
    );
    this.port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      ),
    );
  }

  #hear(method: string, headers: Metadata): Told {
    this.calls.push({ method, headers });
    return this.tells(method, this.calls.length - 1);
  }

  /** Refuses new calls; resolves once those under way have ended. */
  finish(): Promise<void> {
    return new Promise((resolve, reject) => this.#server.tryShutdown((error) => (error === undefined ? resolve() : reject(error))));
  }

  /** Ends every call and connection at once. */
  stop(): void {
    this.#server.forceShutdown();
  }
}

function good(call: GrpcJsCall, trailers?: Metadata): void {
  for (const message of GOOD_MESSAGES) call.write(message);
  call.end(trailers);
}
