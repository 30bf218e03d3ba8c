import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For the `skip` option of a suite: why certificates cannot be made here, or false when they can. With `CI` set it throws instead. */
export function unlessOpenssl(): string | false {
  if (spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0) return false;
  const reason = 'certificates are made by openssl, which this machine lacks';
  if (process.env['CI']) throw new Error(`${reason}; with CI set nothing is skipped`);
  return reason;
}

/**
 * A folder of throwaway certificates: `ca.pem`, `server.pem` with its key as `server.key` and `server.pk8`, and `client.pem` with its key
 * `client.key`.
 */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
}

/** Makes an authority of its own, and certificates by it: a server's for `localhost` and 127.0.0.1, and a client's. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'flightsql-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  const authority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=flightsql test authority',
    ...authority,
  );
  const sign = (name: string, extensions: readonly string[]) => {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=flightsql test ${name}`);
    // webpki takes version 3 certificates only, which -CA makes of a request when it is given extensions.
    writeFileSync(join(folder, `${name}.ext`), ['basicConstraints=CA:FALSE', ...extensions, ''].join('\n'));
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`, '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing);
  };
  sign('server', ['subjectAltName=DNS:localhost,IP:127.0.0.1', 'extendedKeyUsage=serverAuth']);
  sign('client', ['extendedKeyUsage=clientAuth']);
  // Java reads keys in this form only.
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'server.key', '-out', 'server.pk8');
  return { folder, ca: readFileSync(join(folder, 'ca.pem'), 'utf8') };
}
