import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';

/** How a connection is cut: closed in order, or reset. */
export type Cut = 'close' | 'reset';

/** Passes connections on to a server, and cuts them after so many bytes from the server. */
export class CuttingProxy {
  readonly port: number;
  /** Bytes from the server that the newest connection has passed on. */
  passed = 0;
  /** How many bytes a connection passes on before it is cut. */
  limit = Number.POSITIVE_INFINITY;
  cut: Cut = 'close';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#pass(client, connect(target, '127.0.0.1')));
  }

  static async start(target: { readonly port: number }): Promise<CuttingProxy> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const proxy = new CuttingProxy(server, target.port);
    after(() => proxy.stop());
    return proxy;
  }

  /** Ends every connection that is open. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((closed) => this.#server.close(closed));
  }

  #pass(client: Socket, server: Socket): void {
    this.passed = 0;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => server.write(chunk));
    server.on('data', (chunk: Buffer) => {
      const room = this.limit - this.passed;
      this.passed += Math.min(chunk.length, room);
      if (chunk.length < room) {
        client.write(chunk);
        return;
      }
      client.write(chunk.subarray(0, room), () => {
        if (this.cut === 'reset') client.resetAndDestroy();
        else client.end();
        server.destroy();
      });
    });
  }
}
