// What lies between the client and DataFusion: compressed messages, tokens, TLS and certificates of clients.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect, type FlightSQLClientOptions, FlightSQLError } from 'flightsql';
import { MessageWriter } from '../../src-ts/native/protobuf.js';
import { makeCertificates, unlessOpenssl } from '../servers/certificates.js';
import { startDataFusion } from '../servers/datafusion.js';
import { plainCall } from '../servers/plain-call.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { assertUnauthenticated } from './foreign/conversation.js';
import { descriptorOf } from './foreign/flight-command.js';
import { readWholeBig } from './foreign/whole-big.js';

const skip = unlessInstallable('datafusion');

/** A GetFlightInfo that every server here answers. */
const REQUEST = descriptorOf('CommandStatementQuery', new MessageWriter().string(1, 'SELECT id FROM t').finish());

for (const compression of ['gzip', 'zstd', 'deflate'] as const) {
  describe(`DataFusion that compresses messages with ${compression}`, { skip }, () => {
    const server = useServer(() => startDataFusion({ compression }));

    test('does so for a client that offers to take it', async () => {
      const origin = `http://127.0.0.1:${server().port}`;
      const answer = await plainCall({ origin, headers: { 'grpc-accept-encoding': compression } }, 'GetFlightInfo', REQUEST);
      assert.equal(answer.status, 0);
      assert.equal(answer.headers['grpc-encoding'], compression);
      assert.deepEqual(
        answer.messages.map(({ isCompressed }) => isCompressed),
        [true],
      );
    });

    test('does not for this client, which offers nothing, and reads a million rows', async () => {
      await using client = await connect(server().uri);
      await readWholeBig(client);
    });
  });
}

describe('DataFusion with a token', { skip }, () => {
  const server = useServer(() => startDataFusion({ bearer: 'a-fixed-token' }));

  test('the right one opens the server', async () => {
    await using client = await connect(server().uri, { token: 'a-fixed-token' });
    await readWholeBig(client);
  });

  for (const options of [{ token: 'another' }, { token: 'a-fixed-token-and-more' }, {}]) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      await assertUnauthenticated(async () => {
        await using client = await connect(server().uri, options);
        await client.execute('SELECT id FROM t');
      });
    });
  }
});

describe('DataFusion over TLS', { skip: skip || unlessOpenssl() }, () => {
  const certificates = makeCertificates();
  const server = useServer(() => startDataFusion({ tls: 'tls', certificates: certificates.folder, bearer: 'a-fixed-token' }));
  const open = (options: FlightSQLClientOptions) => connect({ host: 'localhost', port: server().port, token: 'a-fixed-token', ...options });

  after(() => rmSync(certificates.folder, { recursive: true }));

  test('with the authority that signed its certificate', async () => {
    await using client = await open({ tls: { ca: certificates.ca } });
    await readWholeBig(client);
  });

  test('without it, the connection is refused', async () => {
    await assert.rejects(open({}), (error: unknown) => error instanceof FlightSQLError && error.code === 'TLS_ERROR');
  });

  test('the token is looked at behind TLS, too', async () => {
    await assertUnauthenticated(async () => {
      await using client = await open({ tls: { ca: certificates.ca }, token: 'another' });
      await client.execute('SELECT id FROM t');
    });
  });
});

describe('DataFusion that wants certificates of clients', { skip: skip || unlessOpenssl() }, () => {
  const certificates = makeCertificates();
  const server = useServer(() => startDataFusion({ tls: 'mtls', certificates: certificates.folder }));
  const pem = (name: string) => readFileSync(join(certificates.folder, name));

  after(() => rmSync(certificates.folder, { recursive: true }));

  test('lets in whoever has one', async () => {
    const tls = { ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') };
    const answer = await plainCall({ origin: `https://localhost:${server().port}`, tls }, 'GetFlightInfo', REQUEST);
    assert.equal(answer.status, 0);
    assert.equal(answer.messages.length, 1);
  });

  test('refuses this client, which has none', async () => {
    const attempt = async () => {
      await using client = await connect({ host: 'localhost', port: server().port, tls: { ca: certificates.ca } });
      await client.execute('SELECT id FROM t');
    };
    await assert.rejects(attempt, (error: unknown) => {
      assert(error instanceof FlightSQLError);
      // The refusal comes when TLS is agreed on already, as an alert that ends the connection: what is read of it depends on what is being sent.
      if (error.code === 'TLS_ERROR')
        assert.match(`${error.message} ${error.hint}`, /CertificateRequired.*wants a certificate of the client/);
      else assert.equal(error.code, 'CONNECTION_LOST', error.message);
      return true;
    });
  });
});
