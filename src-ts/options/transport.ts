import type { NativeClientOptions } from '../native/binding-types.js';
import { invalidOption } from './checks.js';

/** How bytes travel: encrypted, plain, or over a local socket. */
export type Transport = 'tls' | 'tcp' | 'unix';

interface Given {
  readonly host?: string;
  readonly port?: number;
  readonly transport?: Transport;
  readonly insecure?: boolean;
  readonly disableServerVerification?: boolean;
  readonly path?: string;
  readonly tls?: { readonly ca?: string; readonly serverName?: string };
}

/** Where to connect and how, from options that may say it in several ways. */
export function resolveTransport(given: Given): Pick<NativeClientOptions, 'host' | 'transport' | 'path'> {
  const transport = given.transport ?? (given.insecure ? 'tcp' : 'tls');
  if (given.insecure === true && transport === 'tls') throw invalidOption("insecure: true and transport: 'tls' contradict each other");
  if (given.insecure === false && transport === 'tcp') throw invalidOption("insecure: false and transport: 'tcp' contradict each other");
  if (transport === 'unix') return { host: 'localhost', transport, path: socketPath(given) };
  if (given.path !== undefined) throw invalidOption("path is the socket of the transport 'unix'", "give transport: 'unix'");
  if (given.host === undefined) throw invalidOption('host is missing: which server is to be connected to?');
  if (transport === 'tls') refuseContradiction(given);
  else refuseTls(given);
  return { host: bareHost(given.host, 'host'), transport, path: null };
}

function socketPath(given: Given): string {
  if (given.path === undefined) throw invalidOption("path is missing: the transport 'unix' needs the path of its socket");
  if (given.host !== undefined || given.port !== undefined) throw invalidOption("host and port have no meaning for the transport 'unix'");
  refuseTls(given);
  return given.path;
}

function refuseTls(given: Given): void {
  if (given.tls?.ca !== undefined || given.tls?.serverName !== undefined) {
    throw invalidOption('tls options are given for a connection without TLS', "leave out insecure and transport, or give transport: 'tls'");
  }
}

function refuseContradiction(given: Given): void {
  if (given.disableServerVerification === true && given.tls?.ca !== undefined) {
    throw invalidOption('tls.ca names whom to trust, disableServerVerification trusts anybody: give one of them');
  }
}

/** A host as the addon takes it: an IPv6 address without brackets, nothing but a host. */
export function bareHost(value: string, name: string): string {
  const host = value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value;
  if (host.includes('://'))
    throw invalidOption(`${name} must be a host alone, not '${host.slice(0, host.indexOf(':'))}://…'`, 'give a URI to connect(uri)');
  const colons = host.split(':').length - 1;
  if (colons === 1) throw invalidOption(`${name} must be a host without a port, not '${host}'`, 'give the port as the option port');
  if (host === '' || /[\s/?#@[\]]/.test(host)) throw invalidOption(`${name} must be a host name or an address, not '${value}'`);
  return host;
}
