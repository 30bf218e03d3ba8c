import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';

export const GRPC_HEAD: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const OK: OutgoingHttpHeaders = { 'grpc-status': '0' };

/** Answers a call whole: head, these chunks, and trailers. */
export function grpcAnswer(stream: ServerHttp2Stream, chunks: readonly Uint8Array[], trailers: OutgoingHttpHeaders = OK): void {
  begin(stream, trailers);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
}

/** Sends the head. The trailers follow when the stream is ended. */
export function begin(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders = OK, head: OutgoingHttpHeaders = GRPC_HEAD): void {
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers(trailers);
  });
}

/** Writes a chunk; resolves when there is room for the next, or when the stream is closed. */
export function writeGently(stream: ServerHttp2Stream, chunk: Uint8Array): Promise<void> | undefined {
  if (stream.destroyed || stream.closed) return undefined;
  if (stream.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
