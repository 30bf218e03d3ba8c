import { after } from 'node:test';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { bytesField } from '../wire/flight-data.js';
import { textAt } from '../wire/flight-sql.js';
import { bytesAt } from '../wire/requests.js';
import { GOOD_MESSAGES } from './grpc-js-server.js';

/** The messages that a call is answered with before it ends well; or nothing, ever. */
export type ScriptedAnswer = readonly Uint8Array[] | 'never';

/** Answers a call, given its messages: the body of an action, every FlightData of an upload. It throws what it refuses with. */
export type AnswerTo = (...messages: readonly Buffer[]) => ScriptedAnswer;

const SERVICE = '/arrow.flight.protocol.FlightService';
const asItIs = (bytes: Buffer) => bytes;
const METHOD = { requestDeserialize: asItIs, requestSerialize: asItIs, responseDeserialize: asItIs, responseSerialize: asItIs };

type Streaming = ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** What a server refuses a call with. */
export function refusal(code: status, details: string): Partial<ServerErrorResponse> {
  return Object.assign(new Error(details), { code, details });
}

/**
 * A Flight SQL server that knows the calls and actions that a test gives it, and no others: so that a client meets what no server at hand does.
 * DoGet answers with good data.
 */
export class ScriptedServer {
  port = 0;
  /** The calls so far, actions by their names, with their messages. */
  readonly calls: { readonly name: string; readonly messages: readonly Buffer[] }[] = [];
  readonly #server = new Server();
  readonly #answers = new Map<string, AnswerTo>([['DoGet', () => GOOD_MESSAGES]]);

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.#listen();
    after(() => server.#server.forceShutdown());
    return server;
  }

  /** From now on a call of Flight, or an action of this name, is answered so. */
  on(name: string, answer: AnswerTo): this {
    this.#answers.set(name, answer);
    return this;
  }

  /** The messages of the calls of this name, in their order. */
  messagesOf(name: string): (readonly Buffer[])[] {
    return this.calls.filter((call) => call.name === name).map(({ messages }) => messages);
  }

  /** The first message of the last call of this name. */
  lastOf(name: string): Buffer {
    const [message] = this.messagesOf(name).at(-1) ?? [];
    if (message === undefined) throw new Error(`nobody called ${name}`);
    return message;
  }

  async #listen(): Promise<void> {
    const unary = (name: string) => (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      try {
        const messages = this.#answer(name, [call.request]);
        if (messages !== 'never') answer(null, Buffer.from(messages[0] ?? []));
      } catch (error) {
        answer(error as ServerErrorResponse);
      }
    };
    const definition = (name: string, requestStream: boolean, responseStream: boolean) => ({
      ...METHOD,
      path: `${SERVICE}/${name}`,
      requestStream,
      responseStream,
    });
    this.#server.addService(
      {
        GetFlightInfo: definition('GetFlightInfo', false, false),
        GetSchema: definition('GetSchema', false, false),
        PollFlightInfo: definition('PollFlightInfo', false, false),
        DoGet: definition('DoGet', false, true),
        DoAction: definition('DoAction', false, true),
        DoPut: definition('DoPut', true, true),
      },
      {
        GetFlightInfo: unary('GetFlightInfo'),
        GetSchema: unary('GetSchema'),
        PollFlightInfo: unary('PollFlightInfo'),
        DoGet: (call: ServerWritableStream<Buffer, Buffer>) => this.#stream(call, 'DoGet', [call.request]),
        DoAction: (call: ServerWritableStream<Buffer, Buffer>) =>
          this.#stream(call, textAt(call.request, 1), [Buffer.from(bytesAt(call.request, 2))]),
        DoPut: (call: ServerDuplexStream<Buffer, Buffer>) => {
          const messages: Buffer[] = [];
          call.on('data', (message: Buffer) => messages.push(message));
          call.on('end', () => this.#stream(call, 'DoPut', messages));
        },
      },
    );
    this.port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      ),
    );
  }

  #stream(call: Streaming, name: string, messages: readonly Buffer[]): void {
    try {
      const answers = this.#answer(name, messages);
      if (answers === 'never') return;
      for (const answer of answers) call.write(Buffer.from(answer));
      call.end();
    } catch (error) {
      call.emit('error', error);
    }
  }

  #answer(name: string, messages: readonly Buffer[]): ScriptedAnswer {
    this.calls.push({ name, messages });
    const answer = this.#answers.get(name);
    if (answer === undefined) throw refusal(status.UNIMPLEMENTED, `${name} is not scripted`);
    return answer(...messages);
  }
}

/** The results of an action with these bodies. */
export function results(...bodies: readonly Uint8Array[]): Buffer[] {
  return bodies.map((body) => bytesField(1, body));
}
