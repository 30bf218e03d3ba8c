// A call of Flight without any client: what servers do for those who ask for more than this client does.

import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders, type SecureClientSessionOptions } from 'node:http2';

/** What a server answered. */
export interface PlainAnswer {
  readonly headers: IncomingHttpHeaders;
  /** The status, of the trailers or of an answer without any. */
  readonly status: number;
  readonly messages: readonly { readonly isCompressed: boolean; readonly bytes: Uint8Array }[];
}

/** How to reach a server: the origin, such as `https://localhost:1234`, headers, and what TLS is to know. */
export interface PlainTarget {
  readonly origin: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly tls?: SecureClientSessionOptions;
}

/** Calls a method of Flight with one message, and waits for all that comes back. */
export async function plainCall({ origin, headers: asked, tls }: PlainTarget, method: string, message: Uint8Array): Promise<PlainAnswer> {
  const session = connect(origin, tls);
  try {
    await once(session, 'connect');
    const stream = session.request({
      ':method': 'POST',
      ':path': `/arrow.flight.protocol.FlightService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...asked,
    });
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (given) => {
      headers = given;
    });
    stream.on('trailers', (given) => {
      trailers = given;
    });
    stream.end(framed(message));
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    const status = Number(trailers['grpc-status'] ?? headers['grpc-status']);
    return { headers, status, messages: messagesOf(Buffer.concat(chunks)) };
  } finally {
    session.close();
  }
}

function framed(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function messagesOf(body: Buffer): PlainAnswer['messages'] {
  const messages: { isCompressed: boolean; bytes: Uint8Array }[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push({ isCompressed: body[at] === 1, bytes: body.subarray(at + 5, end) });
    at = end;
  }
  return messages;
}
