import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CallOptions, FlightSQLClient, type FlightSQLClientOptions, FlightSQLError } from 'flightsql';
import { seenCalls } from '../faults/expect/seen-query.js';
import { type EvilServer, type EvilServerOptions, startEvilServer } from '../faults/server/evil-server.js';
import { GOOD_QUERY } from '../faults/server/good-query.js';
import { grpcAnswer } from '../faults/server/grpc-answer.js';
import { bytesField, flightInfo, grpcFrame } from '../faults/wire/flight-data.js';
import { type Certificates, makeCertificates, unlessOpenssl } from '../servers/certificates.js';

/** Leads to 127.0.0.1 wherever names are resolved, and is neither an address nor a name of the loopback interface to the client. */
const ELSEWHERE = '127.1';

const PARTS = 'in parts';

/** A server whose result is at `locations`, in the one part that it has. */
async function serverOf(locations: (own: EvilServer) => readonly string[], options?: EvilServerOptions): Promise<EvilServer> {
  const server = await startEvilServer(options);
  server.on(PARTS, {
    info: (stream) => grpcAnswer(stream, [flightInfo([{ ticket: GOOD_QUERY, locations: locations(server) }])]),
  });
  return server;
}

/** What a server was asked for, but for the end of the session, which every client asks its own server for. */
function askedOf(server: EvilServer): unknown[] {
  return seenCalls(server).filter(([method]) => method !== 'DoAction');
}

/** The rows of the result, for a client of that server alone. */
async function rowsFor(options: FlightSQLClientOptions, call?: CallOptions): Promise<number> {
  const client = new FlightSQLClient(options);
  try {
    return (await (await client.query(PARTS, null, call)).table()).numRows;
  } finally {
    await client.close();
  }
}

/** Expects that the location is refused, and that nothing was ever connected to it. */
async function assertRefused(reading: Promise<number>, other: EvilServer, location: string, message: RegExp): Promise<void> {
  await assert.rejects(reading, (error: unknown) => {
    assert(error instanceof FlightSQLError, String(error));
    assert.equal(error.code, 'UNTRUSTED_LOCATION');
    assert.match(error.message, message);
    assert.deepEqual(error.endpoint, { index: 0, location });
    return true;
  });
  assert.equal(other.accepted, 0);
}

interface Apart {
  readonly own: EvilServer;
  /** On another host. */
  readonly other: EvilServer;
  /** Where the result of `own` is: at `other`. */
  readonly location: string;
  /** Options of a client of `own`. */
  readonly to: (options: FlightSQLClientOptions) => FlightSQLClientOptions;
}

/** Two servers, of which one sends its clients to the other, by the name of another host. */
async function apart(): Promise<Apart> {
  const other = await startEvilServer();
  const location = `grpc://${ELSEWHERE}:${other.port}`;
  const own = await serverOf(() => [location]);
  return { own, other, location, to: (options) => ({ host: '127.0.0.1', port: own.port, insecure: true, ...options }) };
}

describe('a location on another host', () => {
  test('is refused to a client with credentials, and to one with headers', async () => {
    const { other, location, to } = await apart();
    for (const secret of [{ token: 'a-secret' }, { user: 'me', password: 'pw' }, { headers: { database: 'shop' } }]) {
      await assertRefused(rowsFor(to(secret)), other, location, /another host/);
    }
  });

  test('is refused to a call with headers', async () => {
    const { other, location, to } = await apart();
    await assertRefused(rowsFor(to({}), { headers: { database: 'shop' } }), other, location, /another host/);
  });

  test('is refused where trustedHosts names another host, or another port of it', async () => {
    const { other, location, to } = await apart();
    for (const trusted of ['elsewhere.invalid', `${ELSEWHERE}:${other.port - 1}`, `1${ELSEWHERE}`]) {
      await assertRefused(rowsFor(to({ token: 'a-secret', trustedHosts: [trusted] })), other, location, /another host/);
    }
  });

  for (const form of ['host', 'host:port'] as const) {
    test(`gets credentials and headers where trustedHosts names it as ${form}`, async () => {
      const { other, to } = await apart();
      const trusted = form === 'host' ? ELSEWHERE : `${ELSEWHERE}:${other.port}`;
      const options = to({ token: 'a-secret', headers: { database: 'shop' }, trustedHosts: ['elsewhere.invalid', trusted] });
      assert.equal(await rowsFor(options, { headers: { 'x-once': '1' } }), 4);
      const seen = seenCalls(other, [':authority', 'authorization', 'database', 'x-once']);
      assert.deepEqual(seen, [['DoGet', [`${ELSEWHERE}:${other.port}`], ['Bearer a-secret'], ['shop'], ['1']]]);
    });
  }

  test('that is trusted gets the token of the Handshake, and neither password nor a Handshake of its own', async () => {
    const { own, other, to } = await apart();
    own.handshake = (stream) => grpcAnswer(stream, [grpcFrame(bytesField(2, Buffer.from('given')))]);
    assert.equal(await rowsFor(to({ user: 'me', password: 'pw', trustedHosts: [ELSEWHERE] })), 4);
    assert.deepEqual(seenCalls(other, ['authorization']), [['DoGet', ['Bearer given']]]);
  });

  test('is read by a client that has nothing to lose', async () => {
    const { other, to } = await apart();
    assert.equal(await rowsFor(to({})), 4);
    assert.deepEqual(seenCalls(other, ['authorization']), [['DoGet', []]]);
  });

  test('is passed over for the next one', async () => {
    const other = await startEvilServer();
    const own = await serverOf((server) => [`grpc://${ELSEWHERE}:${other.port}`, `grpc://127.0.0.1:${server.port}`]);
    assert.equal(await rowsFor({ host: '127.0.0.1', port: own.port, insecure: true, token: 'a-secret' }), 4);
    assert.deepEqual([other.accepted, askedOf(own)], [0, [['GetFlightInfo'], ['DoGet']]]);
  });
});

test('another port of the own host gets the credentials, under whichever name of the loopback interface', async () => {
  const other = await startEvilServer();
  for (const name of ['127.0.0.1', 'localhost']) {
    other.calls.length = 0;
    const own = await serverOf(() => [`grpc://${name}:${other.port}`]);
    assert.equal(await rowsFor({ host: '127.0.0.1', port: own.port, insecure: true, token: 'a-secret' }), 4);
    assert.deepEqual(seenCalls(other, ['authorization']), [['DoGet', ['Bearer a-secret']]]);
  }
});

describe('a client that speaks TLS to its server', { skip: unlessOpenssl() }, () => {
  let certificates: Certificates;
  let tls: NonNullable<EvilServerOptions['tls']>;
  before(() => {
    certificates = makeCertificates();
    const read = (name: string) => readFileSync(join(certificates.folder, name));
    tls = { key: read('server.key'), cert: read('server.pem') };
  });
  after(() => certificates && rmSync(certificates.folder, { recursive: true }));

  const to = (server: EvilServer, options: FlightSQLClientOptions): FlightSQLClientOptions => ({
    host: 'localhost',
    port: server.port,
    tls: { ca: certificates.ca },
    ...options,
  });

  test('does not follow it to a plaintext location on its own host, trusted or not', async () => {
    const other = await startEvilServer();
    for (const [scheme, name] of [
      ['grpc', 'localhost'],
      ['grpc+tcp', '127.0.0.1'],
    ]) {
      const location = `${scheme}://${name}:${other.port}`;
      const own = await serverOf(() => [location], { tls });
      for (const trustedHosts of [[], ['localhost', '127.0.0.1']]) {
        await assertRefused(rowsFor(to(own, { token: 'a-secret', trustedHosts })), other, location, /plaintext/);
      }
      assert.deepEqual(askedOf(own), [['GetFlightInfo'], ['GetFlightInfo']]);
    }
  });

  test('does not follow it to a plaintext location on another host that is trusted', async () => {
    const other = await startEvilServer();
    const location = `grpc://${ELSEWHERE}:${other.port}`;
    const own = await serverOf(() => [location], { tls });
    const reading = rowsFor(to(own, { token: 'a-secret', trustedHosts: [ELSEWHERE] }));
    await assertRefused(reading, other, location, /plaintext/);
  });

  test('does not follow it to plaintext on its own port', async () => {
    const own = await serverOf((server) => [`grpc://localhost:${server.port}`], { tls });
    await assert.rejects(rowsFor(to(own, { token: 'a-secret' })), { code: 'UNTRUSTED_LOCATION' });
    assert.deepEqual(askedOf(own), [['GetFlightInfo']]);
  });

  test('sends its credentials to an encrypted location on another port of its host', async () => {
    const other = await startEvilServer({ tls });
    const own = await serverOf(() => [`grpc+tls://localhost:${other.port}`], { tls });
    assert.equal(await rowsFor(to(own, { token: 'a-secret' })), 4);
    assert.deepEqual(seenCalls(other, [':scheme', 'authorization']), [['DoGet', ['https'], ['Bearer a-secret']]]);
  });

  test('passes over a plaintext location for an encrypted one', async () => {
    const other = await startEvilServer();
    const own = await serverOf((server) => [`grpc://localhost:${other.port}`, `grpc+tls://localhost:${server.port}`], { tls });
    assert.equal(await rowsFor(to(own, { token: 'a-secret' })), 4);
    assert.deepEqual([other.accepted, askedOf(own)], [0, [['GetFlightInfo'], ['DoGet']]]);
  });

  test('follows it into plaintext where it has nothing to lose', async () => {
    const other = await startEvilServer();
    const own = await serverOf(() => [`grpc://localhost:${other.port}`], { tls });
    assert.equal(await rowsFor(to(own, {})), 4);
    assert.deepEqual(seenCalls(other, [':scheme', 'authorization']), [['DoGet', ['http'], []]]);
  });
});
