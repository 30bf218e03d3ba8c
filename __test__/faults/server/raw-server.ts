import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';
import { ticketOf } from '../wire/requests.js';
import { Flag, type Frame, FrameSplitter, FrameType, frame } from './h2-frames.js';
import { RawCall } from './raw-call.js';

/** Answers a call whose request has come whole. */
export type RawAnswer = (call: RawCall, ticket: string) => void;

/**
 * A server that speaks HTTP/2 by hand and knows one call, DoGet. Its client reads tickets: `client.doGet(ticket)`.
 *
 * Frames of the connection itself (SETTINGS, PING) are answered as they should be, unless `onConnection` takes the socket over.
 */
export class RawServer {
  readonly port: number;
  readonly sockets = new Set<Socket>();
  readonly calls: RawCall[] = [];
  /** Answers by ticket. */
  readonly answers = new Map<string, RawAnswer>();
  readonly #server: Server;

  private constructor(server: Server, onConnection: ((socket: Socket) => boolean) | undefined) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      if (onConnection?.(socket) !== true) this.#speak(socket);
    });
  }

  /** `onConnection` returns whether it took the socket over. */
  static async start(onConnection?: (socket: Socket) => boolean): Promise<RawServer> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const raw = new RawServer(server, onConnection);
    after(() => raw.stop());
    return raw;
  }

  on(ticket: string, answer: RawAnswer): this {
    this.answers.set(ticket, answer);
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #speak(socket: Socket): void {
    const splitter = new FrameSplitter();
    const requests = new Map<number, Request>();
    socket.write(frame(FrameType.settings, 0, 0));
    socket.on('data', (chunk: Buffer) => {
      for (const received of splitter.feed(chunk)) {
        if (received.stream === 0) acknowledge(socket, received);
        else this.#take(socket, requests, received);
      }
    });
  }

  #take(socket: Socket, requests: Map<number, Request>, received: Frame): void {
    let request = requests.get(received.stream);
    if (request === undefined) {
      request = { call: new RawCall(socket, received.stream), chunks: [], isComplete: false };
      requests.set(received.stream, request);
    }
    if (request.isComplete) {
      request.call.received(received);
      return;
    }
    if (received.type === FrameType.data) request.chunks.push(received.payload);
    const ends = received.type === FrameType.data || received.type === FrameType.headers;
    if (!ends || (received.flags & Flag.endStream) === 0) return;
    request.isComplete = true;
    this.calls.push(request.call);
    const ticket = ticketOf(Buffer.concat(request.chunks).subarray(5));
    this.answers.get(ticket)?.(request.call, ticket);
  }
}

interface Request {
  readonly call: RawCall;
  readonly chunks: Buffer[];
  isComplete: boolean;
}

function acknowledge(socket: Socket, { type, flags, payload }: Frame): void {
  if ((flags & Flag.ack) !== 0) return;
  if (type === FrameType.settings) socket.write(frame(FrameType.settings, Flag.ack, 0));
  if (type === FrameType.ping) socket.write(frame(FrameType.ping, Flag.ack, 0, payload));
}
