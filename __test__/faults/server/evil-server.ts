import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { after } from 'node:test';
import { flightInfo } from '../wire/flight-data.js';
import { statementOf, ticketOf } from '../wire/requests.js';
import { goodStream } from './good-stream.js';
import { grpcAnswer } from './grpc-answer.js';

/** What one call is answered with. The stream is raw: nothing has been sent on it. */
export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

export interface Script {
  /** Answers DoGet; by default with good data. */
  readonly doGet?: Answer;
  /** Answers GetFlightInfo; by default with one endpoint whose ticket is the query. */
  readonly info?: Answer;
}

/**
 * A Flight SQL server that does to its clients what a test tells it to. Queries name scripts; what it was not told of is answered with good
 * data, so that a client can show that it still works.
 */
export class EvilServer {
  readonly port: number;
  /** The sockets of the connections that are open. */
  readonly sockets = new Set<Socket>();
  readonly sessions = new Set<ServerHttp2Session>();
  /** Streams of DoGet that have neither ended nor been reset. */
  readonly streams = new Set<ServerHttp2Stream>();
  readonly #server: Http2Server;
  readonly #scripts = new Map<string, Script>();

  private constructor(server: Http2Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', ignored);
    });
    server.on('sessionError', ignored);
    server.on('stream', (stream, headers) => this.#serve(stream, headers));
  }

  static async start(): Promise<EvilServer> {
    const server = createServer({ settings: { maxConcurrentStreams: 10_000 }, maxSessionMemory: 4096 });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
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

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignored);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      const request = Buffer.concat(chunks).subarray(5);
      if (headers[':path']?.endsWith('/GetFlightInfo')) this.#info(stream, headers, statementOf(request));
      else if (headers[':path']?.endsWith('/DoGet')) this.#doGet(stream, headers, ticketOf(request));
      else grpcAnswer(stream, [], { 'grpc-status': '12', 'grpc-message': 'not scripted' });
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

/** What a stream or connection dies of is for the client to tell. */
function ignored(): void {}

/** An evil server for the tests of the file that calls this. */
export async function startEvilServer(): Promise<EvilServer> {
  const server = await EvilServer.start();
  after(() => server.stop());
  return server;
}
