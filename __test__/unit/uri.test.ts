import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLError } from '../../src-ts/errors.js';
import { type FlightSQLClientOptions, resolveClientOptions } from '../../src-ts/options/client-options.js';
import { resolveTarget } from '../../src-ts/options/connect-target.js';
import { parseUri } from '../../src-ts/options/uri.js';

const understood: readonly [uri: string, options: FlightSQLClientOptions][] = [
  ['flightsql://h:31337', { host: 'h', port: 31337 }],
  ['flightsql://h', { host: 'h' }],
  ['flightsql://h/', { host: 'h' }],
  ['FLIGHTSQL://h', { host: 'h' }],
  ['flightsql://h:1?transport=tls', { host: 'h', port: 1, transport: 'tls' }],
  ['flightsql://h:1?transport=tcp', { host: 'h', port: 1, transport: 'tcp' }],
  ['flightsql://h:1/?transport=tcp', { host: 'h', port: 1, transport: 'tcp' }],
  ['flightsql:///run/f.sock?transport=unix', { transport: 'unix', path: '/run/f.sock' }],
  ['flightsql:///run/my%20f.sock?transport=unix', { transport: 'unix', path: '/run/my f.sock' }],
  ['flightsql://[::1]:9', { host: '[::1]', port: 9 }],
  ['flightsql://[2001:db8::1]', { host: '[2001:db8::1]' }],
  ['grpc://h:1', { host: 'h', port: 1, transport: 'tcp' }],
  ['grpc+tcp://h:1', { host: 'h', port: 1, transport: 'tcp' }],
  ['grpc+tls://h:1', { host: 'h', port: 1, transport: 'tls' }],
  ['grpc+unix:///run/f.sock', { transport: 'unix', path: '/run/f.sock' }],
  ['flightsql://me:pw@h:1', { host: 'h', port: 1, user: 'me', password: 'pw' }],
  ['flightsql://me@h', { host: 'h', user: 'me' }],
  ['flightsql://:key@h', { host: 'h', user: '', password: 'key' }],
  ['flightsql://a%40b:p%3A%2F%23@h', { host: 'h', user: 'a@b', password: 'p:/#' }],
  ['flightsql://h?token=abc%2Bdef', { host: 'h', token: 'abc+def' }],
  ['flightsql://h?token=abc+def==', { host: 'h', token: 'abc+def==' }],
  ['flightsql://h?user=u&password=p', { host: 'h', user: 'u', password: 'p' }],
  ['flightsql://h?insecure=true', { host: 'h', insecure: true }],
  ['flightsql://h?insecure=false', { host: 'h', insecure: false }],
  ['flightsql://h?insecure=0', { host: 'h', insecure: false }],
  ['flightsql://h?disableServerVerification=1', { host: 'h', disableServerVerification: true }],
  ['flightsql://h?cookies=off', { host: 'h', cookies: false }],
  ['flightsql://h?database=metrics', { host: 'h', headers: { database: 'metrics' } }],
  ['flightsql://h?header.X-App=etl&header.y=a%20b', { host: 'h', headers: { 'x-app': 'etl', y: 'a b' } }],
  ['flightsql://h?feature.a=on&feature-b=off', { host: 'h', features: { a: 'on', b: 'off' } }],
  ['jdbc:arrow-flight-sql://h:1/?useEncryption=1&user=u&password=p', { host: 'h', port: 1, insecure: false, user: 'u', password: 'p' }],
  ['jdbc:arrow-flight-sql://h:1?useEncryption=false&token=t', { host: 'h', port: 1, insecure: true, token: 't' }],
  [
    'jdbc:arrow-flight-sql://h:1/?disableCertificateVerification=true&connectTimeoutMs=500',
    { host: 'h', port: 1, disableServerVerification: true, timeouts: { connect: 500 } },
  ],
  ['jdbc:arrow-flight-sql://h?retainCookies=false', { host: 'h', cookies: false }],
  [
    'datafusion+flightsql://me:pw@h:443?insecure=true&disable_server_verification=false&feature-x=on',
    { host: 'h', port: 443, user: 'me', password: 'pw', insecure: true, disableServerVerification: false, features: { x: 'on' } },
  ],
];

for (const [uri, options] of understood) {
  test(`${uri} is understood`, () => {
    assert.deepEqual(parseUri(uri), options);
    // What a URI stands for are options that a client takes.
    resolveClientOptions(parseUri(uri));
  });
}

test('a URL object is taken as its text', () => {
  assert.deepEqual(parseUri(new URL('flightsql://h:1?transport=tcp')), { host: 'h', port: 1, transport: 'tcp' });
});

const refused: readonly [uri: string, says: RegExp][] = [
  ['', /no scheme/],
  ['localhost:31337', /no scheme/],
  ['h', /must be of the form flightsql:\/\//],
  ['https://h', /unknown scheme 'https:\/\/'/],
  ['fligthsql://h', /unknown scheme 'fligthsql:\/\/': did you mean 'flightsql'\?/],
  ['jdbc:arrow-flight://h', /unknown scheme 'jdbc:arrow-flight:\/\/': did you mean 'jdbc:arrow-flight-sql'\?/],
  ['flightsql://', /names no host/],
  ['flightsql://:443', /names no host/],
  ['flightsql://h:port', /host and port cannot be read/],
  ['flightsql://::1', /host and port cannot be read/],
  ['flightsql://h/db', /path behind the host, which has no meaning/],
  ['flightsql://h?transport=udp', /option transport must be one of 'tls', 'tcp', 'unix', not 'udp'/],
  ['flightsql://h?tranport=tcp', /unknown option 'tranport' in the URI: did you mean 'transport'\?/],
  ['flightsql://h?x-app=etl', /unknown option 'x-app' in the URI/],
  ['flightsql://h?useEncryption=1', /unknown option 'useEncryption' in the URI/],
  ['jdbc:arrow-flight-sql://h?useEncrypton=1', /did you mean 'useEncryption'\?/],
  ['flightsql://h?insecure', /option insecure must be true or false, not ''/],
  ['flightsql://h?insecure=nope', /true or false, not 'nope'/],
  ['flightsql://h?transport=tcp&transport=tls', /'transport' twice/],
  ['flightsql://h?database=a&header.database=b', /header 'database' twice/],
  ['flightsql://me@h?user=you', /user twice/],
  ['jdbc:arrow-flight-sql://h?insecure=true&useEncryption=true', /insecure twice/],
  ['jdbc:arrow-flight-sql://h?cookies=true&retainCookies=true', /cookies twice/],
  ['grpc+tls://h?transport=tcp', /scheme grpc\+tls:\/\/ and transport=tcp contradict/],
  ['flightsql://h/x.sock?transport=unix', /names a host and transport 'unix'/],
  ['flightsql:///?transport=unix', /names no socket/],
  ['flightsql://h#x', /holds a '#'/],
  ['flightsql://h?token=%zz', /'%' that is no escape/],
];

for (const [uri, says] of refused) {
  test(`${uri === '' ? 'an empty URI' : uri} is refused with a message that says why`, () => {
    assert.throws(() => parseUri(uri), { name: 'FlightSQLError', code: 'INVALID_OPTION', message: says });
  });
}

test('an option that is refused tells how to write a header', () => {
  assert.throws(() => parseUri('flightsql://h?x-app=etl'), { hint: 'a header is written header.x-app=…' });
});

test('what is no text is refused', () => {
  assert.throws(() => parseUri(7 as unknown as string), { code: 'INVALID_OPTION', message: /must be a string such as .* not 7/ });
});

test('no error about a URI shows its password or token', () => {
  const uris = [
    'flightsql://me:hunter2@h:port',
    'flightsql://me:hunter2%@h',
    'flightsql://me:hunter2#@h',
    'flightsql://me:hunter2@h?password=hunter2',
    'flightsql://me:hunter2@h/path',
    'flightsql://h?token=hunter2%',
    'flightsql://h?token=hunter2&token=hunter2',
    'flightsql://me:hunter2@h?tokne=hunter2',
    'flightsql://me:hunt/er2@h',
    'flightsql://me:hunter2?@h',
    'flightsql://me:12/hunter2@h',
    'flightsql://me:12?hunter2@h',
  ];
  for (const uri of uris) {
    assert.throws(
      () => parseUri(uri),
      (error: FlightSQLError) => {
        assert.equal(error.code, 'INVALID_OPTION', uri);
        assert.doesNotMatch(`${error.message} ${error.hint}`, /hunter2|er2/, uri);
        return true;
      },
    );
  }
});

test('URI and options complete each other', () => {
  const options = resolveTarget('flightsql://h:1?transport=tcp&header.a=1', { token: 't', metadata: { b: '2' }, headers: { c: '3' } });
  const { native } = resolveClientOptions(options);
  assert.equal(native.host, 'h');
  assert.equal(native.token, 't');
  assert.deepEqual(native.headers, ['b', '2', 'a', '1', 'c', '3']);
});

test('what both URI and options give is refused, and nothing of it is shown', () => {
  assert.throws(() => resolveTarget('flightsql://me:hunter2@h', { password: 'other', host: 'i' }), {
    code: 'INVALID_OPTION',
    message: 'password, host given twice: in the URI and in the options',
  });
  assert.throws(() => resolveTarget('flightsql://h?database=a', { headers: { Database: 'b' } }), {
    message: /header 'database' is given twice/,
  });
  assert.throws(() => resolveTarget('flightsql://h?database=a', { metadata: { database: 'b' } }), {
    message: /header 'database' is given twice/,
  });
});

test('an option that is undefined does not contradict the URI', () => {
  assert.equal(resolveTarget('flightsql://h', { host: undefined }).host, 'h');
});
