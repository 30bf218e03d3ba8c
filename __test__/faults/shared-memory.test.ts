// Columns are views on the memory that was received into: whose it is, what was copied, and what lies beside them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Data, type RecordBatch, type Table, tableFromIPC } from 'apache-arrow';
import { connect } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { buffersUnder, viewsOf } from './expect/array-buffers.js';
import { clientOf } from './expect/client.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { grpcAnswer } from './server/grpc-answer.js';
import { type ArrowMessage, type BatchParts, batchMessage, dictionaryMessage, schemaMessage } from './wire/arrow-message.js';
import * as types from './wire/arrow-type.js';
import { flightStream } from './wire/flight-data.js';
import { bytes, compressed, concat, int8s, int32s, int64s, longView, NOTHING, text } from './wire/values.js';
import { zstdRun } from './wire/zstd.js';

const { encoded, field, int } = types;
const server = await startEvilServer();
const client = clientOf(server);

const LONG = text('a string beyond twelve bytes');

/** A row of each type that needs no normalising; `[type, nodes, buffers]`. */
const plainTypes: Record<string, { field: types.WireField; parts: Partial<BatchParts>; before?: ArrowMessage[] }> = {
  bool: { field: field('c', types.boolean), parts: { buffers: [bytes(1), bytes(3)], nodes: [[2, 1]] } },
  int8: { field: field('c', int(8)), parts: { buffers: [NOTHING, int8s(1, 2)] } },
  int64: { field: field('c', int(64)), parts: { buffers: [NOTHING, int64s(1, 2)] } },
  float64: { field: field('c', types.float64), parts: { buffers: [NOTHING, int64s(1, 2)] } },
  'decimal of 128 bits': { field: field('c', types.decimal(38, 2, 128)), parts: { buffers: [NOTHING, int64s(1, 0, 2, 0)] } },
  'decimal of 256 bits': { field: field('c', types.decimal(76, 2, 256)), parts: { buffers: [NOTHING, int64s(1, 0, 0, 0, 2, 0, 0, 0)] } },
  timestamp: { field: field('c', types.timestamp(3)), parts: { buffers: [NOTHING, int64s(1, 2)] } },
  utf8: { field: field('c', types.utf8), parts: { buffers: [NOTHING, int32s(0, 1, 2), text('ab')] } },
  'large utf8': { field: field('c', types.largeUtf8), parts: { buffers: [NOTHING, int64s(0, 1, 2), text('ab')] } },
  'utf8 view': {
    field: field('c', types.utf8View),
    parts: { buffers: [NOTHING, concat(longView(28, LONG, 0, 0), longView(28, LONG, 0, 0)), LONG], variadic: [1] },
  },
  'fixed-size binary': { field: field('c', types.fixedSizeBinary(3)), parts: { buffers: [NOTHING, bytes(1, 2, 3, 4, 5, 6)] } },
  list: {
    field: field('c', types.list, { children: [field('item', int(64))] }),
    parts: {
      nodes: [
        [2, 0],
        [2, 0],
      ],
      buffers: [NOTHING, int32s(0, 1, 2), NOTHING, int64s(1, 2)],
    },
  },
  struct: {
    field: field('c', types.struct, { children: [field('a', int(64)), field('b', types.utf8)] }),
    parts: {
      nodes: [
        [2, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [NOTHING, NOTHING, int64s(1, 2), NOTHING, int32s(0, 1, 2), text('ab')],
    },
  },
  'dense union': {
    field: field('c', types.union('dense', [0, 1]), { children: [field('a', int(64)), field('b', int(64))] }),
    parts: {
      nodes: [
        [2, 0],
        [1, 0],
        [1, 0],
      ],
      buffers: [int8s(0, 1), int32s(0, 0), NOTHING, int64s(1), NOTHING, int64s(2)],
    },
  },
  dictionary: {
    field: encoded('c', types.utf8, 5, 32),
    parts: { buffers: [NOTHING, int32s(0, 1)] },
    before: [dictionaryMessage(5, { rows: 2, nodes: [[2, 0]], buffers: [NOTHING, int32s(0, 1, 2), text('ab')] })],
  },
};

for (const [name, { field: column, parts, before = [] }] of Object.entries(plainTypes)) {
  test(`${name}: no byte of the body is copied`, async () => {
    const batch = batchMessage({ rows: 2, nodes: [[2, 0]], buffers: [], ...parts });
    server.on(name, (stream) => grpcAnswer(stream, [flightStream([schemaMessage([column]), ...before, batch])]));
    await (async () => {
      const { copiedBodyBytes: copied, receivedBodyBytes: received } = client.stats().memory;
      const table = await (await client.query(name)).table();
      const { memory } = client.stats();
      const sent = batch.body.length + before.reduce((sum, { body }) => sum + body.length, 0);
      assert.equal(memory.receivedBodyBytes - received, sent, 'every byte was received once');
      assert.equal(memory.copiedBodyBytes, copied, 'and copied never again');
      assert(memory.handedOutBytes > 0 && memory.handedOutBuffers === 1, 'one ArrayBuffer, owned by the core');
      for (const batch of table.batches) assert.equal(buffersUnder(batch).size, 1);
    })();
    await settled(client);
  });
}

test('buffers that a server did not align are moved, and every byte of that is counted', async () => {
  const messages = [
    schemaMessage([field('number', int(64)), field('word', types.utf8)]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 1],
        [2, 0],
      ],
      buffers: [
        { offset: 4, length: 1 },
        { offset: 12, length: 16 },
        { offset: 0, length: 0 },
        { offset: 28, length: 12 },
        { offset: 44, length: 6 },
      ],
      body: concat(
        new Uint8Array(4),
        bytes(1, 0, 0, 0),
        new Uint8Array(4),
        int64s(7, 8),
        int32s(0, 3, 6),
        new Uint8Array(4),
        text('onetwo'),
      ),
    }),
  ];
  server.on('not aligned', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  await (async () => {
    const { copiedBodyBytes: copied, receivedBodyBytes: received } = client.stats().memory;
    const table = await (await client.query('not aligned')).table();
    const { memory } = client.stats();
    assert.deepEqual(
      table.toArray().map(({ number, word }) => [number, word]),
      [
        [7n, 'one'],
        [null, 'two'],
      ],
    );
    assert.equal(memory.receivedBodyBytes - received, 50);
    assert.equal(memory.copiedBodyBytes - copied, 1 + 16 + 12 + 6);
  })();
  await settled(client);
});

test('buffers that are aligned stay where they are, beside one that is moved and a column that is normalised', async () => {
  const messages = [
    schemaMessage([
      field('number', int(64)),
      field('moved', int(64)),
      field('lists', types.listView, { children: [field('item', int(64))] }),
    ]),
    batchMessage({
      rows: 2,
      nodes: [
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 0],
      ],
      buffers: [
        { offset: 0, length: 0 },
        { offset: 0, length: 16 },
        { offset: 0, length: 0 },
        { offset: 20, length: 16 },
        { offset: 0, length: 0 },
        { offset: 36, length: 8 },
        { offset: 48, length: 8 },
        { offset: 0, length: 0 },
        { offset: 56, length: 16 },
      ],
      body: concat(int64s(1, 2), new Uint8Array(4), int64s(3, 4), int32s(1, 0), new Uint8Array(4), int32s(1, 1), int64s(5, 6)),
    }),
  ];
  const rows = [
    [1n, 3n, 6n],
    [2n, 4n, 5n],
  ];
  server.on('one not aligned', (stream) => grpcAnswer(stream, [flightStream(messages)]));
  await (async () => {
    const { copiedBodyBytes: copied } = client.stats().memory;
    const table = await (await client.query('one not aligned')).table();
    const { memory } = client.stats();
    assert.deepEqual(rowsOf(table), rows);
    assert.equal(memory.copiedBodyBytes - copied, 16 + 8, 'the numbers and the offsets that were not aligned');
    assert.equal(memory.handedOutBuffers, 3, 'the body, what was moved, and what was normalised');
    const bytes = new Uint8Array(table.batches[0]?.data.children[0]?.values.buffer ?? new ArrayBuffer(0));
    assert.equal(bytes.length, messages[1]?.body.length, 'the first column lies in the body');
  })();
  await settled(client);
  assert.deepEqual(rowsOf(tableFromIPC(await (await client.query('one not aligned')).toIPC())), rows);
  await settled(client);

  function rowsOf(table: Table): unknown[] {
    return table.toArray().map(({ number, moved, lists }) => [number, moved, ...lists]);
  }
});

test('a Rust server: no byte of its bodies is copied, and what is handed out is what lies under the table', async () => {
  const init = `CREATE TABLE things (i BIGINT, r DOUBLE, t TEXT, b BLOB);
    INSERT INTO things WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT i, i / 3.0, CASE WHEN i % 7 > 0 THEN 'thing ' || i END, CASE WHEN i % 5 > 0 THEN randomblob(i % 40) END FROM n`;
  await using embedded = await EmbeddedServer.start({ init, batchRows: 700 });
  await using reader = await connect(embedded.uri);
  await (async () => {
    const { copiedBodyBytes: copied } = reader.stats().memory;
    const table = await (await reader.query('SELECT * FROM things ORDER BY i')).table();
    const { memory } = reader.stats();
    assert.deepEqual([table.numRows, table.getChild('t')?.get(4999)], [5000, 'thing 5000']);
    assert.equal(memory.copiedBodyBytes, copied);
    const sizes = [...buffersUnder(...table.batches)].map(({ byteLength }) => byteLength);
    assert.deepEqual([memory.handedOutBuffers, memory.handedOutBytes], [sizes.length, sizes.reduce((sum, size) => sum + size, 0)]);
  })();
  await settled(reader);
});

const three = schemaMessage([field('a', int(64)), field('b', types.utf8), field('c', int(32))]);
const threeColumns = (rows: number, fill: number): ArrowMessage =>
  batchMessage({
    rows,
    nodes: [
      [rows, 1],
      [rows, 0],
      [rows, 0],
    ],
    buffers: [
      new Uint8Array(Math.ceil(rows / 8)).fill(0xfe),
      new Uint8Array(rows * 8).fill(fill),
      NOTHING,
      new Uint8Array(Int32Array.from({ length: rows + 1 }, (_, at) => at).buffer),
      new Uint8Array(rows).fill(fill & 0x7f),
      NOTHING,
      new Uint8Array(rows * 4).fill(fill),
    ],
  });

test('the columns of a large batch share one ArrayBuffer, which no other batch has', async () => {
  const rows = 100_000;
  server.on('large', (stream) => grpcAnswer(stream, [flightStream([three, threeColumns(rows, 1), threeColumns(rows, 2)])]));
  await (async () => {
    const batches: RecordBatch[] = [];
    for await (const batch of await client.query('large')) batches.push(batch);
    const [first, second] = batches.map((batch) => buffersUnder(batch));
    assert.deepEqual([first?.size, second?.size], [1, 1]);
    assert.notEqual([...(first ?? [])][0], [...(second ?? [])][0]);
    assert.equal(client.stats().memory.handedOutBuffers, 2);
  })();
  await settled(client);
});

test('small batches that arrive together share a slab: one ArrayBuffer for many', async () => {
  const count = 200;
  server.on('small', (stream) =>
    grpcAnswer(stream, [flightStream([three, ...Array.from({ length: count }, (_, at) => threeColumns(10, at))])]),
  );
  await (async () => {
    const table = await (await client.query('small')).table();
    const buffers = buffersUnder(...table.batches);
    assert.equal(table.batches.length, count);
    assert(buffers.size < count / 4, `${count} batches lie in ${buffers.size} ArrayBuffers`);
    assert.equal(client.stats().memory.handedOutBuffers, buffers.size);
  })();
  await settled(client);
});

test('every buffer is aligned to 8 within its ArrayBuffer, and every body to 64', async () => {
  server.on('aligned', (stream) =>
    grpcAnswer(stream, [flightStream([three, ...Array.from({ length: 50 }, (_, at) => threeColumns(at + 1, at))])]),
  );
  await (async () => {
    const table = await (await client.query('aligned')).table();
    for (const batch of table.batches) {
      for (const child of batch.data.children) {
        if (child.values.byteLength > 0 && child.type.typeId !== 5) assert.equal(child.values.byteOffset % 8, 0);
        if (child.valueOffsets !== undefined) assert.equal(child.valueOffsets.byteOffset % 8, 0);
      }
      const first = Math.min(...batch.data.children.flatMap(viewsOf).map(({ byteOffset }) => byteOffset));
      assert.equal(first % 64, 0, 'where the body begins');
    }
  })();
  await settled(client);
});

/** Sizes that leave a gap behind every buffer. */
const ODD = Array.from({ length: 40 }, (_, at) => 1 + 3 * at);
const listsOf = (rows: number): ArrowMessage =>
  batchMessage({
    rows,
    nodes: [
      [rows, 0],
      [rows, 0],
    ],
    // Each shows one value, the last one first: so that they have to be gathered.
    buffers: [
      NOTHING,
      int32s(...Array.from({ length: rows }, (_, at) => rows - 1 - at)),
      int32s(...Array.from({ length: rows }, () => 1)),
      NOTHING,
      new Uint8Array(rows).fill(1),
    ],
  });

/** What is written into memory that was another query's: received, decompressed, normalised. */
const publics: Record<string, readonly ArrowMessage[]> = {
  'as it was sent': [three, ...ODD.map((rows) => threeColumns(rows, 1))],
  decompressed: [
    schemaMessage([field('a', int(8)), field('b', int(64))]),
    ...ODD.map((rows) =>
      batchMessage({
        rows,
        nodes: [
          [rows, 0],
          [rows, 0],
        ],
        buffers: [NOTHING, compressed(rows, zstdRun(rows, 1)), NOTHING, compressed(-1, new Uint8Array(rows * 8).fill(1))],
        compression: 'zstd',
      }),
    ),
  ],
  'gathered from list views': [schemaMessage([field('a', types.listView, { children: [field('item', int(8))] })]), ...ODD.map(listsOf)],
};

for (const [how, messages] of Object.entries(publics)) {
  test(`recycled memory shows nothing of another query: ${how}`, async () => {
    const SECRET = 0xaa;
    server.on('secret', (stream) =>
      grpcAnswer(stream, [flightStream([three, ...Array.from({ length: 300 }, () => threeColumns(2000, SECRET))])]),
    );
    server.on(how, (stream) => grpcAnswer(stream, [flightStream(messages)]));
    for (let round = 0; round < 5; round++) {
      await (async () => {
        await (await client.query('secret')).table();
      })();
      await settled(client);
      assert(client.stats().memory.pooledBytes > 0, 'there is memory to be used again');
      await (async () => {
        const table = await (await client.query(how)).table();
        assert.equal(table.batches.length, ODD.length);
        for (const buffer of buffersUnder(...table.batches)) {
          const found = new Uint8Array(buffer).indexOf(SECRET);
          assert.equal(found, -1, `byte ${found} of ${buffer.byteLength} is another query's`);
        }
      })();
      await settled(client);
    }
  });
}

test('the gaps of a slab are zero', async () => {
  server.on('gaps', (stream) => grpcAnswer(stream, [flightStream([schemaMessage([field('c', int(8))]), ...gapped(100)])]));
  // Memory that was in use before, and not zero.
  await (async () => {
    server.on('fill', (stream) =>
      grpcAnswer(stream, [flightStream([three, ...Array.from({ length: 100 }, () => threeColumns(5000, 0xaa))])]),
    );
    await (await client.query('fill')).table();
  })();
  await settled(client);
  assert(client.stats().memory.pooledBytes > 0, 'there is memory to be used again');
  await (async () => {
    const table = await (await client.query('gaps')).table();
    const used = new Map<ArrayBufferLike, Uint8Array>();
    for (const batch of table.batches) {
      const { values } = batch.data.children[0] as Data;
      const mask = used.get(values.buffer) ?? new Uint8Array(values.buffer.byteLength);
      mask.fill(1, values.byteOffset, values.byteOffset + values.byteLength);
      used.set(values.buffer, mask);
    }
    let gaps = 0;
    for (const [buffer, mask] of used) {
      const all = new Uint8Array(buffer);
      for (let at = 0; at < all.length; at++) {
        if (mask[at] === 1) continue;
        gaps += 1;
        assert.equal(all[at], 0, `byte ${at} of a slab is no batch's, and not zero`);
      }
    }
    assert(gaps > 100, 'there are gaps');
  })();
  await settled(client);
});

/** Batches of 1 to 60 bytes, none of them zero. */
function gapped(count: number): ArrowMessage[] {
  return Array.from({ length: count }, (_, at) => {
    const rows = 1 + ((at * 7) % 60);
    return batchMessage({
      rows,
      nodes: [[rows, 0]],
      buffers: [NOTHING, { offset: 0, length: rows }],
      body: new Uint8Array(rows).fill(0x55),
    });
  });
}
