// Headers that are no flatbuffers, where a schema, a dictionary or a batch is due.

import { test } from 'node:test';
import type { FlightSQLClient } from 'flightsql';
import { clientOf } from './expect/client.js';
import { expectUsable, failureOf } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import { encoded, utf8 } from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { Random } from './wire/random.js';
import { int32s, NOTHING, text } from './wire/values.js';

const SEED = Number(process.env['FLIGHTSQL_SEED'] ?? 1);
const EACH = 200;

const server = await startEvilServer();

const schema = schemaMessage([encoded('word', utf8, 1, 32)]);
const dictionary = dictionaryMessage(1, { rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 1, 2), text('ab')] });
const batch = batchMessage({ rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 1)] });

/** What comes before, and the message whose header is not what it should be. */
const due: Record<string, readonly [before: readonly ArrowMessage[], message: ArrowMessage]> = {
  schema: [[], schema],
  dictionary: [[schema], dictionary],
  batch: [[schema, dictionary], batch],
  'second batch': [[schema, dictionary, batch], batch],
};

/** Zeros are a flatbuffer with an empty table, in which every field has its default: version 1 of the format is one of those. */
const REFUSAL = /not a valid flatbuffer|metadata version 1 is not known/;

async function expectRefused(
  client: FlightSQLClient,
  query: string,
  header: Uint8Array,
  [before, { body }]: (typeof due)[string],
): Promise<void> {
  server.on(query, (stream) => grpcAnswer(stream, [flightStream([...before, { header, body }])]));
  await failureOf(client, query, { code: 'INVALID_DATA', message: REFUSAL, batches: before.includes(batch) ? 1 : 0 });
}

for (const [name, place] of Object.entries(due)) {
  // Node's server takes a client that resets a thousand streams for an attacker.
  const client = clientOf(server);

  for (const [what, fill] of [
    ['zeros', 0],
    ['ones', 0xff],
  ] as const) {
    test(`nothing but ${what} in place of the header of a ${name}`, async () => {
      const { length } = place[1].header;
      for (const size of [1, 3, 4, 8, 16, 100, length, 100_000])
        await expectRefused(client, `${what} ${size}`, new Uint8Array(size).fill(fill), place);
      await settled(client);
      await expectUsable(client);
    });
  }

  test(`${EACH} headers of random bytes in place of that of a ${name}: seed ${SEED}`, async () => {
    const random = new Random(SEED);
    for (let at = 0; at < EACH; at++) {
      const header = Uint8Array.from({ length: 1 + random.below(400) }, () => random.below(256));
      // Whatever would be a long way away otherwise: the root's place is one that exists.
      if (at % 2 === 0 && header.length > 8) header.set(int32s(random.below(header.length)), 0);
      await expectRefused(client, `random ${at}: ${Buffer.from(header).toString('base64')}`, header, place);
    }
    await settled(client);
    await expectUsable(client);
  });

  test(`the header of a ${name}, cut off at any byte`, async () => {
    const { header } = place[1];
    for (let length = 1; length < header.length; length++)
      await expectRefused(client, `cut at ${length}`, header.subarray(0, length), place);
    await settled(client);
    await expectUsable(client);
  });
}
