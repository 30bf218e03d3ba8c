import { inspect } from 'node:util';
import type { Schema } from 'apache-arrow';
import { FlightSQLError } from './errors.js';
import { encodedInfo, endpointOf, type FlightEndpoint, type FlightInfo, flightInfoOf, sourceOf } from './flight-info.js';
import { schemaReader } from './metadata/index.js';
import { addon } from './native/addon.js';
import type { NativeClient } from './native/binding-types.js';
import { runCall } from './native/call.js';
import { decodeActionType, decodeEndpoint, encodeDescriptor, type FlightActionType } from './native/flight-messages.js';
import { collectMessages, MessageSequence } from './native/messages.js';
import { constructed, valueOrThrow } from './native/outcome.js';
import { MessageWriter } from './native/protobuf.js';
import {
  type CallOptions,
  type DoGetOptions,
  resolveCallOptions,
  resolveDoGetOptions,
  resolveReadOptions,
  resolveUploadOptions,
  type UploadOptions,
} from './options/call-options.js';
import { expected, string } from './options/checks.js';
import type { resolveClientOptions } from './options/client-options.js';
import type { ReadOptions } from './options/read-options.js';
import type { SessionOptionInput } from './options/session-options.js';
import { PollResult } from './poll.js';
import { exchangeData, type FlightPutData, putData } from './put.js';
import { FlightStreamReader } from './reader.js';
import { QueryResult } from './result.js';
import {
  type CloseSessionStatus,
  closeSession,
  encodeOptions,
  getSessionOptions,
  type SessionOptionValue,
  setSessionOptions,
} from './session.js';
import { type ClientStats, clientStats } from './stats.js';
import { MessageStream } from './stream/message-stream.js';
import { endpointToRead } from './ticket.js';

/** What a call of plain Flight is about: a command, which is the server's own, or a path. */
export type FlightDescriptorInput = { readonly command: Uint8Array } | { readonly path: readonly string[] };

/** What became of a query that was to be cancelled. */
export type CancelStatus = 'UNSPECIFIED' | 'CANCELLED' | 'CANCELLING' | 'NOT_CANCELLABLE';

const CANCEL_STATUSES: readonly CancelStatus[] = ['UNSPECIFIED', 'CANCELLED', 'CANCELLING', 'NOT_CANCELLABLE'];

/** The messages of a call that answers with any number of them, read once; leaving a loop over them early ends the call. */
export type FlightMessages<T> = AsyncIterableIterator<T, undefined> & AsyncDisposable;

/** How long closing the session may take when the client is closed: a server that does not answer holds nobody up. */
const CLOSE_SESSION_TIMEOUT = 2000;

/** A client of plain Flight: connections, and the calls that Flight SQL is made of. */
export abstract class FlightClient implements AsyncDisposable {
  readonly #native: NativeClient;
  readonly #target: string;
  /** Whether anything was asked of the server. */
  #hasAsked = false;
  #closing: Promise<void> | null = null;
  /** Results that are being read, and uploads and exports under way. */
  #busy = 0;
  #whenIdle: (() => void) | null = null;

  /** @internal */
  protected constructor({ native, session }: ReturnType<typeof resolveClientOptions>) {
    const sessionOptions = session === null ? null : encodeOptions(session);
    this.#native = constructed(() => new addon.NativeClient({ ...native, sessionOptions }));
    this.#target = native.transport === 'unix' ? `unix:${native.path}` : `${native.transport}://${hostOf(native.host)}:${native.port}`;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Connects and logs in now rather than on the first call, so that a wrong address or password shows here. */
  async connect(options?: CallOptions): Promise<void> {
    const call = resolveCallOptions(options);
    await runCall(addon, call, (native) => this.open('connect()').connect(native));
  }

  /** GetFlightInfo: where what the descriptor stands for can be read. */
  async getFlightInfo(descriptor: FlightDescriptorInput, options?: CallOptions): Promise<FlightInfo> {
    const encoded = descriptorToSend(descriptor);
    const call = resolveCallOptions(options);
    return flightInfoOf(addon, await runCall(addon, call, (native) => this.open('getFlightInfo()').flightInfo(encoded, native)));
  }

  /** GetSchema: the schema of what the descriptor stands for. */
  async getSchema(descriptor: FlightDescriptorInput, options?: CallOptions): Promise<Schema> {
    const encoded = descriptorToSend(descriptor);
    const call = resolveCallOptions(options);
    const message = await runCall(addon, call, (native) => this.open('getSchema()').flightSchema(encoded, native));
    return (await schemaReader(addon))(message);
  }

  /** PollFlightInfo: begins what the descriptor stands for, and says how far it is. */
  async pollFlightInfo(descriptor: FlightDescriptorInput, options?: CallOptions): Promise<PollResult> {
    const encoded = descriptorToSend(descriptor);
    const call = resolveCallOptions(options);
    const open = (method: string) => this.open(method);
    return PollResult.of(addon, open, await runCall(addon, call, (native) => open('pollFlightInfo()').pollFlightInfo(encoded, native)));
  }

  /**
   * Reads what a ticket stands for. An endpoint is read at its locations, one after the other until one answers; a ticket alone, at this
   * client's server.
   *
   * Returns at once; what goes wrong, an aborted signal included, shows on the first read. `options` hold for the stream to its end.
   */
  doGet(ticket: Uint8Array | FlightEndpoint | null, options?: DoGetOptions): FlightStreamReader {
    const { encoded, index } = endpointToRead(ticket);
    const call = resolveDoGetOptions(options);
    const native = this.open('doGet()');
    return new FlightStreamReader(this.reading(MessageStream.start(addon, call, (started) => native.doGet(encoded, index, started))));
  }

  /**
   * Reads all endpoints of a FlightInfo, such as a poll's, or one that came from elsewhere. Returns at once; what goes wrong shows on the first
   * read. `options` hold for the result to its end.
   */
  read(info: FlightInfo, options?: CallOptions & ReadOptions): QueryResult {
    const encoded = encodedInfo(info);
    const call = resolveReadOptions(options);
    const native = this.open('read()');
    return new QueryResult(() => info, this.reading(MessageStream.start(addon, call, (started) => native.read(encoded, started))));
  }

  /**
   * DoPut: uploads a Table, record batches, or messages with application metadata, each as the server has room for it. Resolves to the application
   * metadata of each of the server's answers.
   *
   * @param data - `null` sends the descriptor alone.
   */
  async doPut(descriptor: FlightDescriptorInput, data: FlightPutData | null, options?: UploadOptions): Promise<readonly Uint8Array[]> {
    return this.underWay(putData(addon, () => this.open('doPut()'), descriptorToSend(descriptor), data, resolveUploadOptions(options)));
  }

  /**
   * DoExchange: uploads as {@link FlightClient.doPut} does, while what the server answers is read. The two directions go on beside one another: who does
   * not read holds up a server that waits for that, and with it the upload. What the source of the data throws, reading throws.
   *
   * @example
   * ```ts
   * const answers = await db.doExchange({ path: ['double'] }, table)
   * for await (const { batch, appMetadata } of answers) console.log(batch?.numRows, appMetadata)
   * ```
   */
  async doExchange(descriptor: FlightDescriptorInput, data: FlightPutData | null, options?: UploadOptions): Promise<FlightStreamReader> {
    const open = () => this.open('doExchange()');
    const stream = await exchangeData(addon, open, descriptorToSend(descriptor), data, resolveUploadOptions(options));
    return new FlightStreamReader(this.reading(stream));
  }

  /**
   * DoAction: an action of the server's own. Yields the bodies of its results as they come. It begins with the first read.
   *
   * @example
   * ```ts
   * for await (const body of db.doAction('vendor.Refresh', new TextEncoder().encode('home'))) console.log(body.length)
   * ```
   */
  doAction(type: string, body: Uint8Array = new Uint8Array(0), options?: CallOptions): FlightMessages<Uint8Array> {
    const name = string(type, 'the type of the action');
    if (!(body instanceof Uint8Array)) throw expected("the action's body", 'a Uint8Array', body);
    const call = resolveCallOptions(options);
    return new MessageSequence(addon, call, (native) => this.open('doAction()').doAction(name, body, native), own);
  }

  /** ListActions: the actions that the server knows. */
  async listActions(options?: CallOptions): Promise<FlightActionType[]> {
    const call = resolveCallOptions(options);
    return (await collectMessages(addon, call, (native) => this.open('listActions()').listActions(native))).map(decodeActionType);
  }

  /** ListFlights: what the server has to read, as far as it lists it. Yields them as they come; it begins with the first read. */
  listFlights(criteria: Uint8Array = new Uint8Array(0), options?: CallOptions): FlightMessages<FlightInfo> {
    if (!(criteria instanceof Uint8Array)) throw expected('the criteria', 'a Uint8Array', criteria);
    const call = resolveCallOptions(options);
    const begin = (native: Parameters<NativeClient['listFlights']>[1]) => this.open('listFlights()').listFlights(criteria, native);
    return new MessageSequence(addon, call, begin, (message) => flightInfoOf(addon, own(message)));
  }

  /** Handshake: sends a payload, and resolves to those that it is answered with. Logging in by `user` and `password` needs no call of it. */
  async handshake(payload: Uint8Array = new Uint8Array(0), options?: CallOptions): Promise<Uint8Array[]> {
    if (!(payload instanceof Uint8Array)) throw expected('the payload', 'a Uint8Array', payload);
    const call = resolveCallOptions(options);
    return (await collectMessages(addon, call, (native) => this.open('handshake()').handshake(payload, native))).map(own);
  }

  /**
   * Cancels the query that a FlightInfo stands for, on the server. Servers that know no CancelFlightInfo are asked by the older CancelQuery.
   *
   * A result that is being read is cancelled by its own `cancel()`.
   */
  async cancel(info: FlightInfo, options?: CallOptions): Promise<CancelStatus> {
    const encoded = encodedInfo(info);
    const call = resolveCallOptions(options);
    const status = await runCall(addon, call, (native) => this.open('cancel()').cancelQuery(encoded, native));
    return CANCEL_STATUSES[status] ?? 'UNSPECIFIED';
  }

  /** Asks the server to hold an endpoint's ticket valid for longer, and returns the endpoint with its new time, and perhaps a new ticket. */
  async renewEndpoint(endpoint: FlightEndpoint, options?: CallOptions): Promise<FlightEndpoint> {
    const { encoded } = endpointToRead(endpoint);
    const body = new MessageWriter().message(1, encoded).finish();
    const call = resolveCallOptions(options);
    const name = 'RenewFlightEndpoint';
    const [answer] = await collectMessages(addon, call, (native) => this.open('renewEndpoint()').doAction(name, body, native));
    if (answer === undefined) throw new FlightSQLError('PROTOCOL_ERROR', `the server ended ${name} without an answer`);
    return endpointOf(decodeEndpoint(own(answer)), sourceOf(endpoint)?.index ?? 0);
  }

  /**
   * Sets options of this client's session with the server; `null` erases one.
   *
   * @throws {@link SessionOptionsError} which names the options that the server did not set.
   *
   * @example
   * ```ts
   * await db.setSessionOptions({ catalog: 'main', timeout: 30n, 'case.sensitive': false })
   * ```
   */
  async setSessionOptions(options: Readonly<Record<string, SessionOptionInput | null>>, callOptions?: CallOptions): Promise<void> {
    await setSessionOptions(addon, (method) => this.open(method), options, callOptions);
  }

  /** The options of this client's session, as the server tells them. */
  async getSessionOptions(callOptions?: CallOptions): Promise<Readonly<Record<string, SessionOptionValue>>> {
    return getSessionOptions(addon, (method) => this.open(method), callOptions);
  }

  /** Ends this client's session on the server. `close()` does so by itself. */
  async closeSession(callOptions?: CallOptions): Promise<CloseSessionStatus> {
    return closeSession(addon, (method) => this.open(method), callOptions);
  }

  /** What this client has open, and the memory that the addon holds for the whole process. */
  stats(): ClientStats {
    return clientStats(addon, this.#native);
  }

  /**
   * Refuses later calls with code `CLOSED`, has the server end the session, and closes the connections. Results that are being read may be read to
   * their end, and uploads and exports go on to theirs: session and connections end after them. A server that does not answer is waited for two seconds. Calling it again waits for the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Without secrets. */
  toJSON(): { target: string; closed: boolean } {
    return { target: this.#target, closed: this.closed };
  }

  /** @internal */
  [inspect.custom](): string {
    return `FlightSQLClient { ${this.#target}${this.closed ? ', closed' : ''} }`;
  }

  /**
   * The native client, for `method`.
   *
   * @internal
   */
  protected open(method: string): NativeClient {
    if (!this.closed) {
      this.#hasAsked = true;
      return this.#native;
    }
    throw new FlightSQLError('CLOSED', `${method} was called on a client that is closed`);
  }

  /**
   * The native client, to let go of what the server holds for a result that was read after `close()`.
   *
   * @internal
   */
  protected get last(): NativeClient {
    return this.#native;
  }

  /** @internal */
  protected reading<T extends { whenOver(over: () => void): void }>(result: T): T {
    this.#busy += 1;
    result.whenOver(() => this.#leave());
    return result;
  }

  /** @internal */
  protected async underWay<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#busy -= 1;
    if (this.#busy === 0) this.#whenIdle?.();
  }

  async #close(): Promise<void> {
    if (this.#busy === 0) return this.#end();
    // Their session is the one that would be closed.
    this.#whenIdle = () => {
      this.#whenIdle = null;
      this.#end().catch(ignore);
    };
  }

  async #end(): Promise<void> {
    // A client that has asked for nothing has no session.
    if (this.#hasAsked) {
      const options = { timeout: CLOSE_SESSION_TIMEOUT };
      // Most servers know no sessions, and what keeps one that does from answering ends the session as well.
      await closeSession(addon, () => this.#native, options).catch(ignore);
    }
    valueOrThrow(await this.#native.close());
  }
}

function descriptorToSend(descriptor: unknown): Uint8Array {
  if (typeof descriptor === 'object' && descriptor !== null) {
    if ('command' in descriptor && descriptor.command instanceof Uint8Array) return encodeDescriptor({ command: descriptor.command });
    if ('path' in descriptor && Array.isArray(descriptor.path) && descriptor.path.every((part) => typeof part === 'string')) {
      return encodeDescriptor({ path: descriptor.path });
    }
  }
  throw expected('the descriptor', 'a command { command: Uint8Array } or a path { path: string[] }', descriptor);
}

/** In memory of its own, so that nothing larger is kept alive. */
function own(message: Uint8Array): Uint8Array {
  return new Uint8Array(message);
}

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** What is closed is closed, however it went. */
function ignore(): void {}
