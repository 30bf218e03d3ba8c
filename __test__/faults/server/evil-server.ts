import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { ListenOptions, Socket } from 'node:net';
import { after } from 'node:test';
import { flightInfo } from '../wire/flight-data.js';
import { statementOf, ticketOf } from '../wire/requests.js';
import { goodStream } from './good-stream.js';
import { grpcAnswer } from './grpc-answer.js';
import { SeenCall } from './seen-call.js';

/** What one call is answered with. The stream is raw: nothing has been sent on it. */
export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

export interface Script {
  /** Answers DoGet; by default with good data. */
  readonly doGet?: Answer;
  /** Answers GetFlightInfo; by default with one endpoint whose ticket is the query. */
  readonly info?: Answer;
}

export interface EvilServerOptions {
  /** Where to listen; by default on a free port of 127.0.0.1. */
  readonly listen?: ListenOptions;
  /** Key and certificate of a server that encrypts; by default it does not. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  /** How it pads frames: one of `node:http2`'s `PADDING_STRATEGY_…`; by default not at all. */
  readonly paddingStrategy?: number;
}

/**
 * A Flight SQL server that does to its clients what a test tells it to. Queries name scripts; what it was not told of is answered with good
 * data, so that a client can show that it still works.
 */
export class EvilServer {
  /** 0 for a socket in the file system. */
  readonly port: number;
  /** Answers Handshake; by default as a server that knows none. */
  handshake: Answer = unknownCall;
  /** Answers DoAction, whose request it is given; by default as a server that knows none. */
  action: (stream: ServerHttp2Stream, request: Uint8Array) => void = unknownCall;
  /** Calls in the order in which their requests were whole. */
  readonly calls: SeenCall[] = [];
  /** Connections that were ever made. */
  accepted = 0;
  /** The sockets of the connections that are open. */
  readonly sockets = new Set<Socket>();
  readonly sessions = new Set<ServerHttp2Session>();
  /** Streams of DoGet that have neither ended nor been reset. */
  readonly streams = new Set<ServerHttp2Stream>();
  readonly #server: Http2Server | Http2SecureServer;
  readonly #scripts = new Map<string, Script>();

  private constructor(server: Http2Server | Http2SecureServer) {
    this.#server = server;
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', ignored);
    });
    server.on('sessionError', ignored);
    server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) =>
      this.#serve(stream, headers, rawHeaders),
    );
  }

  static async start({ listen = { host: '127.0.0.1', port: 0 }, tls, paddingStrategy = 0 }: EvilServerOptions = {}): Promise<EvilServer> {
    const options = { settings: { maxConcurrentStreams: 10_000 }, maxSessionMemory: 4096, paddingStrategy };
    const server = tls === undefined ? createServer(options) : createSecureServer({ ...options, ...tls });
    await new Promise<void>((listening) => server.listen(listen, listening));
    return new EvilServer(server);
  }

  get uri(): string {
    return `flightsql://127.0.0.1:${this.port}?transport=tcp`;
  }

  /** From now on `query` is answered so. */
  on(query: string, script: Script | Answer): this {
    this.#scripts.set(query, typeof script === 'function' ? { doGet: script } : script);
    return this;
  }

  async stop(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    stream.on('error', ignored);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      const request = Buffer.concat(chunks).subarray(5);
      const call = new SeenCall(rawHeaders);
      this.calls.push(call);
      if (call.method === 'GetFlightInfo') this.#info(stream, headers, statementOf(request));
      else if (call.method === 'DoGet') this.#doGet(stream, headers, ticketOf(request));
      else if (call.method === 'DoAction') this.action(stream, request);
      else if (call.method === 'Handshake') this.handshake(stream, headers);
      else unknownCall(stream);
    });
  }

  #info(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, query: string): void {
    const answer = this.#scripts.get(query)?.info;
    if (answer === undefined) grpcAnswer(stream, [flightInfo([{ ticket: query }])]);
    else answer(stream, headers);
  }

  #doGet(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ticket: string): void {
    this.streams.add(stream);
    stream.on('close', () => this.streams.delete(stream));
    const answer = this.#scripts.get(ticket)?.doGet;
    if (answer === undefined) grpcAnswer(stream, [goodStream()]);
    else answer(stream, headers);
  }
}

function unknownCall(stream: ServerHttp2Stream): void {
  grpcAnswer(stream, [], { 'grpc-status': '12', 'grpc-message': 'not scripted' });
}

/** What a stream or connection dies of is for the client to tell. */
function ignored(): void {}

/** An evil server for the tests of the file that calls this. */
export async function startEvilServer(options?: EvilServerOptions): Promise<EvilServer> {
  const server = await EvilServer.start(options);
  after(() => server.stop());
  return server;
}
