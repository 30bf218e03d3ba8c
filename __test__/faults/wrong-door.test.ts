// A client that speaks TLS to a server that does not, and the other way round: an error of its own, long before the connect timeout.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, FlightSQLClient, FlightSQLError, type FlightSQLErrorCode } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { makeCertificates, unlessOpenssl } from '../servers/certificates.js';
import { startEvilServer } from './server/evil-server.js';

/** What a server is that understands nothing of what it is told. */
const NO_SERVER: readonly FlightSQLErrorCode[] = ['TLS_ERROR', 'CONNECTION_FAILED', 'CONNECTION_LOST', 'PROTOCOL_ERROR', 'STREAM_RESET'];

async function assertNoServer(attempt: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await assert.rejects(attempt, (error: unknown) => {
    assert(error instanceof FlightSQLError, String(error));
    assert(NO_SERVER.includes(error.code), `${error.code}: ${error.message}`);
    assert.match(error.message, /\S/);
    return true;
  });
  const took = performance.now() - began;
  assert(took < 10_000, `${took} ms`);
}

test('TLS to a server that does not encrypt is refused, by connect() and by the first call', async () => {
  await using server = await EmbeddedServer.start();
  await assertNoServer(() => connect({ host: '127.0.0.1', port: server.port }));
  await using client = new FlightSQLClient({ host: '127.0.0.1', port: server.port });
  await assertNoServer(() => client.query('SELECT 1'));
  await using right = await connect(server.uri);
  assert.equal((await (await right.query('SELECT 1')).table()).numRows, 1, 'the server serves others');
});

test('plaintext to a server that encrypts is refused', { skip: unlessOpenssl() }, async () => {
  const certificates = makeCertificates();
  after(() => rmSync(certificates.folder, { recursive: true }));
  const read = (name: string) => readFileSync(join(certificates.folder, name));
  const server = await startEvilServer({ tls: { key: read('server.key'), cert: read('server.pem') } });
  await using client = new FlightSQLClient({ host: '127.0.0.1', port: server.port, insecure: true });
  await assertNoServer(() => client.query('good'));
  await assertNoServer(() => client.executeUpdate('DELETE FROM t'));
  await using right = new FlightSQLClient({ host: 'localhost', port: server.port, tls: { ca: certificates.ca } });
  assert.equal((await (await right.query('good')).table()).numRows, 4);
});
