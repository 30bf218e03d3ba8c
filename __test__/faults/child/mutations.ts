// Sends damaged streams to a client in this process, by a seed, and reads what the client takes them for.
// Arguments: seed, how many.

import { FlightSQLClient, FlightSQLError } from 'flightsql';
import { settled } from '../expect/settled.js';
import { EvilServer } from '../server/evil-server.js';
import { grpcAnswer } from '../server/grpc-answer.js';
import type { ArrowMessage } from '../wire/arrow-message.js';
import { flightStream } from '../wire/flight-data.js';
import { Random } from '../wire/random.js';
import { sampleStreams } from '../wire/sample-streams.js';

export interface MutationReport {
  readonly codes: Readonly<Record<string, number>>;
  /** What must not happen, with the stream that it happened for. */
  readonly defects: readonly { readonly what: string; readonly iteration: number; readonly stream: string }[];
}

const [seed = '1', count = '1000'] = process.argv.slice(2);
const random = new Random(Number(seed));
const server = await EvilServer.start();
const newClient = () => new FlightSQLClient({ host: '127.0.0.1', port: server.port, transport: 'tcp', maxMessageBytes: 16 << 20 });
let client = newClient();
const used: FlightSQLClient[] = [];
const codes: Record<string, number> = {};
const defects: { what: string; iteration: number; stream: string }[] = [];
const ALLOWED = new Set(['INVALID_DATA', 'PROTOCOL_ERROR', 'MESSAGE_TOO_LARGE', 'SCHEMA_MISMATCH', 'UNSUPPORTED_TYPE']);
const LANES = 8;
/** Node's server takes a client that resets a thousand streams for an attacker, and closes its connection. */
const QUERIES_A_CONNECTION = 400;

let next = 0;
await Promise.all(Array.from({ length: LANES }, lane));
await settled(client);
const report: MutationReport = { codes, defects: defects.slice(0, 5) };
process.stdout.write(`${JSON.stringify(report)}\n`);
await Promise.all([client, ...used].map((each) => each.close()));
await server.stop();

async function lane(): Promise<void> {
  while (next < Number(count)) {
    const iteration = next++;
    if (iteration % QUERIES_A_CONNECTION === QUERIES_A_CONNECTION - 1) {
      used.push(client);
      client = newClient();
    }
    const bytes = damaged(random.pick(Object.values(sampleStreams)));
    // Told before it is tried: a crash leaves no other trace.
    process.stderr.write(`${iteration} ${bytes.toString('base64')}\n`);
    const query = `damaged ${iteration}`;
    server.on(query, (stream) => grpcAnswer(stream, [bytes]));
    const code = await outcomeOf(query, iteration, bytes);
    codes[code] = (codes[code] ?? 0) + 1;
  }
}

async function outcomeOf(query: string, iteration: number, bytes: Buffer): Promise<string> {
  const asked = client;
  try {
    for await (const batch of await asked.query(query, null, { timeout: 20_000 })) touch(batch);
    return 'read';
  } catch (error) {
    const code = error instanceof FlightSQLError ? error.code : String((error as Error)?.stack);
    if (!ALLOWED.has(code)) defects.push({ what: `${code}: ${(error as Error).message}`, iteration, stream: bytes.toString('base64') });
    return code;
  }
}

/** Reads the first values of every column: what was let through must be safe to follow. */
function touch(batch: import('apache-arrow').RecordBatch): void {
  for (let column = 0; column < batch.numCols; column++) {
    const vector = batch.getChildAt(column);
    for (let row = 0; row < Math.min(batch.numRows, 20); row++) String(vector?.get(row));
  }
}

function damaged(messages: readonly ArrowMessage[]): Buffer {
  const copies = messages.map(({ header, body }) => ({ header: header.slice(), body: body.slice() }));
  for (let hits = 1 + random.below(3); hits > 0; hits--) {
    const target = random.pick(copies);
    // Headers hold the lengths: they are hit more often than bodies.
    const part = target.body.length > 0 && random.below(3) === 0 ? target.body : target.header;
    const at = random.below(part.length);
    const kind = random.below(5);
    if (kind === 0) part[at] = random.below(256);
    else if (kind === 1) part[at] = (part[at] ?? 0) ^ (1 << random.below(8));
    else if (kind === 2) part.fill(random.pick([0, 0xff, 0x7f, 0x80]), at, at + 1 + random.below(8));
    else if (kind === 3) part.copyWithin(at, random.below(part.length), random.below(part.length));
    else if (random.below(4) === 0) copies.splice(copies.indexOf(target), 1, target, random.pick(copies));
    else part[at] = ((part[at] ?? 0) + random.pick([1, 255, 4, 8])) & 0xff;
  }
  return flightStream(copies);
}
