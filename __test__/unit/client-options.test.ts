import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLError } from '../../src-ts/errors.js';
import { type FlightSQLClientOptions, resolveClientOptions } from '../../src-ts/options/client-options.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Options that no type allows. */
const wrong = (options: unknown) => options as FlightSQLClientOptions;

test('a host alone means TLS on port 443 with verification, no credentials, and the documented limits', () => {
  const { native, features } = resolveClientOptions({ host: 'cloud2.influxdata.com' });
  assert.deepEqual(native, {
    host: 'cloud2.influxdata.com',
    port: 443,
    transport: 'tls',
    path: null,
    serverName: null,
    verify: true,
    ca: null,
    token: null,
    user: null,
    password: null,
    headers: [],
    trustedHosts: [],
    cookies: true,
    maxMessageBytes: 1_073_741_824,
    connectTimeout: 20_000,
    maxBufferedBytes: 268_435_456,
    reading: { concurrency: 4, ordered: true, schemaCheck: 'compatible', renew: true },
  });
  assert.deepEqual(features, {});
});

test('every option reaches the addon', () => {
  const { native, features } = resolveClientOptions({
    host: 'db',
    port: 8443,
    user: 'me',
    password: 'pw',
    metadata: { Database: 'b' },
    headers: { 'x-app': 'etl' },
    features: { 'metadata-reflection': 'true' },
    tls: { ca: PEM, serverName: 'db.internal' },
    trustedHosts: ['b', 'c:8815', '[::1]:443', '::1'],
    cookies: false,
    maxMessageBytes: 5,
    timeouts: { connect: 7 },
    maxBufferedBytes: 9,
    concurrency: 2,
    ordered: false,
    schemaCheck: 'strict',
    renew: false,
  });
  assert.deepEqual(native, {
    host: 'db',
    port: 8443,
    transport: 'tls',
    path: null,
    serverName: 'db.internal',
    verify: true,
    ca: PEM,
    token: null,
    user: 'me',
    password: 'pw',
    headers: ['database', 'b', 'x-app', 'etl'],
    trustedHosts: ['b', 'c:8815', '::1:443', '::1'],
    cookies: false,
    maxMessageBytes: 5,
    connectTimeout: 7,
    maxBufferedBytes: 9,
    reading: { concurrency: 2, ordered: false, schemaCheck: 'strict', renew: false },
  });
  assert.deepEqual(features, { 'metadata-reflection': 'true' });
});

test('insecure means plain TCP, and false means TLS', () => {
  assert.equal(resolveClientOptions({ host: 'h', insecure: true }).native.transport, 'tcp');
  assert.equal(resolveClientOptions({ host: 'h', insecure: false }).native.transport, 'tls');
  assert.equal(resolveClientOptions({ host: 'h', transport: 'tcp' }).native.transport, 'tcp');
});

test('disableServerVerification keeps TLS and ends verification', () => {
  const { native } = resolveClientOptions({ host: 'h', disableServerVerification: true });
  assert.equal(native.transport, 'tls');
  assert.equal(native.verify, false);
});

test('a socket needs its path and no host', () => {
  const { native } = resolveClientOptions({ transport: 'unix', path: '/run/f.sock' });
  assert.equal(native.transport, 'unix');
  assert.equal(native.path, '/run/f.sock');
});

test('an IPv6 address is taken with and without brackets', () => {
  assert.equal(resolveClientOptions({ host: '[::1]' }).native.host, '::1');
  assert.equal(resolveClientOptions({ host: '::1' }).native.host, '::1');
});

test('an option that is undefined is one left out', () => {
  const { native } = resolveClientOptions({
    host: 'h',
    port: undefined,
    token: undefined,
    tls: undefined,
    timeouts: { connect: undefined },
  });
  assert.equal(native.port, 443);
  assert.equal(native.connectTimeout, 20_000);
});

test('certificates may be bytes', () => {
  assert.equal(resolveClientOptions({ host: 'h', tls: { ca: Buffer.from(PEM) } }).native.ca, PEM);
});

test('a password without a user is one of nobody, and a user without a password has an empty one', () => {
  assert.equal(resolveClientOptions({ host: 'h', password: 'key' }).native.user, '');
  assert.equal(resolveClientOptions({ host: 'h', user: 'me' }).native.password, '');
});

test('of metadata and headers with one name, headers win', () => {
  const { native } = resolveClientOptions({ host: 'h', metadata: { a: '1', b: '2' }, headers: { A: '3' } });
  assert.deepEqual(native.headers, ['a', '3', 'b', '2']);
});

test('what the addon gets and the features cannot be changed afterwards', () => {
  const { native, features } = resolveClientOptions({ host: 'h', features: { a: 'b' } });
  assert.ok(Object.isFrozen(native) && Object.isFrozen(native.headers) && Object.isFrozen(features));
});

const refused: readonly [what: string, options: unknown, says: RegExp][] = [
  ['no options', undefined, /client options must be an object, not undefined/],
  ['a URI', 'flightsql://h', /client options must be an object, not 'flightsql/],
  ['an array', [], /an object, not an array/],
  ['no host', {}, /host is missing/],
  ['an empty host', { host: '' }, /host must be a string that is not empty/],
  ['a URL as host', { host: 'https://h' }, /host must be a host alone, not 'https:/],
  ['a host with a port', { host: 'h:1' }, /host must be a host without a port, not 'h:1'/],
  ['a host with a path', { host: 'h/db' }, /host name or an address/],
  ['a mistyped option', { host: 'h', tokn: 'x' }, /unknown option 'tokn': did you mean 'token'\?/],
  [
    'an option of the seed in its own spelling',
    { host: 'h', disable_server_verification: true },
    /did you mean 'disableServerVerification'/,
  ],
  ['a mistyped option of tls', { host: 'h', tls: { servername: 'x' } }, /unknown option 'tls.servername': did you mean 'serverName'\?/],
  ['a mistyped timeout', { host: 'h', timeouts: { conect: 1 } }, /unknown option 'timeouts.conect': did you mean 'connect'\?/],
  ['an option that is near nothing', { host: 'h', tls: { zzz: 1 } }, /unknown option 'tls.zzz': known are ca, serverName/],
  ['auth', { host: 'h', auth: {} }, /unknown option 'auth': give token, or user and password/],
  ['an inherited name as option', { host: 'h', constructor: 1 }, /unknown option 'constructor'/],
  ['a port as text', { host: 'h', port: '443' }, /port must be a whole number, 1 to 65535, not '443'/],
  ['a port out of range', { host: 'h', port: 65_536 }, /1 to 65535, not 65536/],
  ['insecure as text', { host: 'h', insecure: 'false' }, /insecure must be true or false, not 'false'/],
  [
    'an unknown transport',
    { host: 'h', transport: 'tsl' },
    /transport must be one of 'tls', 'tcp', 'unix', not 'tsl'; did you mean 'tls'\?/,
  ],
  ['a size as text', { host: 'h', maxMessageBytes: '1GiB' }, /maxMessageBytes must be a whole number of bytes, 1 or more, not '1GiB'/],
  [
    'a schema check that is none',
    { host: 'h', schemaCheck: 'loose' },
    /schemaCheck must be one of 'compatible', 'strict', 'off', not 'loose'/,
  ],
  ['an order that is no boolean', { host: 'h', ordered: 'no' }, /ordered must be true or false, not 'no'/],
  ['a concurrency of 0', { host: 'h', concurrency: 0 }, /concurrency must be a whole number, 1 to 1024, not 0/],
  ['cookies as text', { host: 'h', cookies: 'no' }, /cookies must be true or false, not 'no'/],
  ['trusted hosts as text', { host: 'h', trustedHosts: 'a,b' }, /trustedHosts must be an array of strings, not 'a,b'/],
  ['a trusted host that is a URL', { host: 'h', trustedHosts: ['grpc://a:1'] }, /trustedHosts\[0\] must be a host/],
  ['a feature that is no text', { host: 'h', features: { a: true } }, /features\['a'\] must be a string, not true/],
  ['certificates that are no PEM', { host: 'h', tls: { ca: './ca.pem' } }, /tls.ca must be certificates as PEM text/],
  ['insecure and TLS', { host: 'h', insecure: true, transport: 'tls' }, /contradict/],
  ['not insecure and TCP', { host: 'h', insecure: false, transport: 'tcp' }, /contradict/],
  [
    'TLS options without TLS',
    { host: 'h', insecure: true, tls: { serverName: 'x' } },
    /tls options are given for a connection without TLS/,
  ],
  ['certificates and no verification', { host: 'h', disableServerVerification: true, tls: { ca: PEM } }, /give one of them/],
  ['a path without unix', { host: 'h', path: '/x' }, /transport 'unix'/],
  ['unix without a path', { transport: 'unix' }, /path is missing/],
  ['unix with a host', { transport: 'unix', path: '/x', host: 'h' }, /host and port have no meaning/],
  ['two ways to log in', { host: 'h', token: 't', user: 'u' }, /token and user and password are both given/],
  [
    'a token and its header',
    { host: 'h', token: 't', headers: { Authorization: 'x' } },
    /token and the header authorization are both given/,
  ],
  ['an empty token', { host: 'h', token: '' }, /token is empty/],
  ['a token with a line end', { host: 'h', token: 'abc\n' }, /token holds a character/],
];

for (const [what, options, says] of refused) {
  test(`${what} is refused with a message that says so`, () => {
    assert.throws(() => resolveClientOptions(wrong(options)), { name: 'FlightSQLError', code: 'INVALID_OPTION', message: says });
  });
}

test('no error about a secret shows it', () => {
  const cases = [
    { host: 'h', token: 'hunter2', user: 'u' },
    { host: 'h', token: 'hunter2\n' },
    { host: 'h', token: ['hunter2'] },
    { host: 'h', password: { value: 'hunter2' } },
    { host: 'h', headers: { authorization: 'hunter2\n' } },
    { host: 'h', headers: { authorization: ['hunter2'] } },
  ];
  for (const options of cases) {
    assert.throws(
      () => resolveClientOptions(wrong(options)),
      (error: FlightSQLError) => {
        assert.equal(error.code, 'INVALID_OPTION');
        assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack}`, /hunter2/);
        return true;
      },
    );
  }
});
