// What is on the disk while an export goes on, after it, and after one that did not come to its end.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ExportOptions, FlightSQLError } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { temporaryFolder } from '../temporary-folder.js';
import type { ExportReport } from './child/export.js';
import { reportOf, runChild } from './child/run-child.js';
import { clientOf } from './expect/client.js';
import { expectUsable } from './expect/failure.js';
import { settled } from './expect/settled.js';
import { startEvilServer } from './server/evil-server.js';
import { GOOD_QUERY } from './server/good-query.js';
import { GOOD_BATCH, GOOD_SCHEMA } from './server/good-stream.js';
import { begin, GRPC_HEAD, grpcAnswer } from './server/grpc-answer.js';
import { batchMessage, schemaMessage } from './wire/arrow-message.js';
import { field, int, union } from './wire/arrow-type.js';
import { flightInfo, flightStream, grpcFrame } from './wire/flight-data.js';

const MIB = 2 ** 20;
const OLDER = 'what was there before';

const server = await startEvilServer();
const client = clientOf(server);

/** A folder with an older file of the name that is exported to. */
function folderWithOlder(): { folder: string; file: string } {
  const folder = temporaryFolder();
  const file = join(folder, 'out.parquet');
  writeFileSync(file, OLDER);
  return { folder, file };
}

function assertUntouched({ folder, file }: { folder: string; file: string }): void {
  assert.deepEqual(readdirSync(folder), ['out.parquet']);
  assert.equal(readFileSync(file, 'utf8'), OLDER);
}

async function rowsIn(file: string): Promise<bigint> {
  return (await parquetMetadataAsync(await asyncBufferFromFile(file))).num_rows;
}

const failsWith = (code: string) => (error: unknown) => {
  assert(error instanceof FlightSQLError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

test('an export takes the place of an older file, and leaves nothing beside it', async () => {
  const { folder, file } = folderWithOlder();
  const { rows } = await client.exportTo(GOOD_QUERY, file);
  assert.deepEqual([rows, await rowsIn(file), readdirSync(folder)], [4n, 4n, ['out.parquet']]);
});

interface Way {
  readonly options?: ExportOptions;
  /** What happens once rows have been written. */
  readonly end: (stream: ServerHttp2Stream, controller: AbortController) => void;
  readonly error: (error: unknown) => boolean;
}

/** How an export ends after it has begun to write. */
const ways: Record<string, Way> = {
  'an error of the server': {
    end: (stream) => {
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '13', 'grpc-message': 'no more' }));
      stream.end();
    },
    error: failsWith('INTERNAL'),
  },
  'a stream that is reset': { end: (stream) => stream.close(2), error: failsWith('STREAM_RESET') },
  'a connection that is lost': {
    end: () => {
      for (const socket of server.sockets) socket.destroy();
    },
    error: failsWith('CONNECTION_LOST'),
  },
  'data that is not valid': {
    end: (stream) => stream.write(grpcFrame(Buffer.from([0xff, 0xff, 0xff]))),
    error: failsWith('PROTOCOL_ERROR'),
  },
  'an abort': {
    end: (_stream, controller) => controller.abort(new Error('enough')),
    error: (error) => error instanceof Error && error.message === 'enough',
  },
  'a timeout': { options: { timeout: 1000 }, end: () => {}, error: failsWith('DEADLINE_EXCEEDED') },
  'an error of onProgress': {
    end: () => {
      throw new Error('mine');
    },
    error: (error) => error instanceof Error && error.message === 'mine',
  },
};

for (const [name, { options, end, error }] of Object.entries(ways)) {
  test(`${name}: an older file is untouched, and what was written of the new one is gone`, async () => {
    const older = folderWithOlder();
    const streams: ServerHttp2Stream[] = [];
    server.on(name, (stream) => {
      streams.push(stream);
      stream.respond(GRPC_HEAD, { waitForTrailers: true });
      stream.write(flightStream([GOOD_SCHEMA, GOOD_BATCH]));
    });
    const controller = new AbortController();
    let during: string[] = [];
    const exporting = client.exportTo(name, older.file, {
      signal: controller.signal,
      ...options,
      onProgress: ({ rows }) => {
        if (rows === 0 || during.length > 0) return;
        during = readdirSync(older.folder);
        end(streams[0] ?? assert.fail('no stream'), controller);
      },
    });
    await assert.rejects(exporting, error);
    assert.equal(during.length, 2, `a second file was being written: ${during}`);
    assertUntouched(older);
    await settled(client);
    await expectUsable(client);
  });
}

/** Exports that end before there is anything to write. */
const early: Record<string, { readonly options?: ExportOptions; readonly error: (error: unknown) => boolean }> = {
  'a query that is refused': { error: failsWith('NOT_FOUND') },
  'a type that Parquet lacks': { error: failsWith('UNSUPPORTED_TYPE') },
  'a signal that is aborted already': {
    options: { signal: AbortSignal.abort(new Error('before it began')) },
    error: (error) => error instanceof Error && error.message === 'before it began',
  },
  'a server that never answers': { options: { timeout: 200 }, error: failsWith('DEADLINE_EXCEEDED') },
};

server.on('a query that is refused', { info: (stream) => grpcAnswer(stream, [], { 'grpc-status': '5', 'grpc-message': 'no such table' }) });
server.on('a type that Parquet lacks', (stream) => {
  grpcAnswer(stream, [flightStream([schemaMessage([field('choice', union('dense', []))])])]);
});
server.on('a server that never answers', (stream) => begin(stream));

for (const [name, { options, error }] of Object.entries(early)) {
  test(`${name}: an older file is untouched`, async () => {
    const older = folderWithOlder();
    await assert.rejects(client.exportTo(name, older.file, options), error);
    assertUntouched(older);
    await settled(client);
  });
}

test('a second endpoint that fails after the first was written leaves nothing', async () => {
  const older = folderWithOlder();
  server.on('half', { info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY }, { ticket: 'other columns' }])]) });
  const other = batchMessage({ rows: 1, nodes: [[1, 0]], buffers: [new Uint8Array(0), new Uint8Array(4)] });
  server.on('other columns', (stream) => grpcAnswer(stream, [flightStream([schemaMessage([field('other', int(32))]), other])]));
  await assert.rejects(client.exportTo('half', older.file), failsWith('SCHEMA_MISMATCH'));
  assertUntouched(older);
});

test('a folder that is not there is an IO_ERROR that names the file', async () => {
  const file = join(temporaryFolder(), 'absent', 'out.parquet');
  await assert.rejects(client.exportTo(GOOD_QUERY, file), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, 'IO_ERROR');
    assert(error.message.includes(file), error.message);
    return true;
  });
});

test('a folder in the place of the file is an IO_ERROR, and nothing is left beside it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'out.parquet');
  mkdirSync(file);
  await assert.rejects(client.exportTo(GOOD_QUERY, file), failsWith('IO_ERROR'));
  assert.deepEqual(readdirSync(folder), ['out.parquet']);
  assert.deepEqual(readdirSync(file), []);
});

test('exports to one file at a time each write their own, and the file is one of them whole', async () => {
  const { folder, file } = folderWithOlder();
  const summaries = await Promise.all(Array.from({ length: 8 }, () => client.exportTo(GOOD_QUERY, file)));
  assert.deepEqual(new Set(summaries.map(({ rows }) => rows)), new Set([4n]));
  assert.deepEqual([await rowsIn(file), readdirSync(folder)], [4n, ['out.parquet']]);
});

test('a client that is closed during an export lets it come to its end', async () => {
  const { folder, file } = folderWithOlder();
  const closing = clientOf(server);
  const query = 'ends when it may';
  let stream: ServerHttp2Stream | undefined;
  server.on(query, (started) => {
    stream = started;
    begin(started);
    started.write(flightStream([GOOD_SCHEMA, GOOD_BATCH]));
  });
  let closed: Promise<void> | undefined;
  const { rows } = await closing.exportTo(query, file, {
    onProgress: ({ rows }) => {
      if (rows === 0) return;
      closed ??= closing.close().then(() => {
        stream?.end();
      });
    },
  });
  await closed;
  assert.deepEqual([rows, await rowsIn(file), readdirSync(folder)], [2n, 2n, ['out.parquet']]);
});

/**
 * What an export may add to a process: what is kept to be received into again (128 MiB), four endpoints' windows and queues (16 MiB each), and
 * a row group with its encoder.
 */
const FLAT = 256 * MIB;

for (const endpoints of [1, 4]) {
  test(`380 MB of ${endpoints} endpoint(s) go into a file through a process that does not hold them`, async (context) => {
    const rows = 2_000_000;
    const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`;
    await using embedded = await EmbeddedServer.start({ endpoints, maxKeptBytes: 1024 * MIB });
    const file = join(temporaryFolder(), 'out.parquet');
    const outcome = await runChild('export.ts', [embedded.uri, `${numbers} SELECT i, printf('%0180d', i) AS text FROM n`, file]);
    const { before, peak, received, ...summary } = reportOf<ExportReport>(outcome);
    context.diagnostic(`${(before / MIB).toFixed(0)} MiB before, ${(peak / MIB).toFixed(0)} MiB at most`);
    assert.deepEqual([summary.rows, summary.bytes], [String(rows), String(statSync(file).size)]);
    assert.equal(await rowsIn(file), BigInt(rows));
    assert(received > 380e6, `${received} bytes were received`);
    assert(peak - before < FLAT, `resident memory grew from ${before / MIB} to ${peak / MIB} MiB`);
  });
}
