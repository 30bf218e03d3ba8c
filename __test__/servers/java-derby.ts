import { classpathOf, installed } from './install/installed.mjs';
import { freePorts, launch, type RunningServer, serverFolder } from './launch.js';

export interface DerbyOptions {
  readonly example?: 'stateful' | 'stateless';
  /** `basic`: user and password in a header, answered by a bearer token. `handshake`: the older call, whose token is in `auth-token-bin`. */
  readonly auth?: 'none' | 'basic' | 'handshake';
  readonly tls?: 'none' | 'tls' | 'mtls';
  /** The folder that {@link makeCertificates} filled. */
  readonly certificates?: string;
}

/** Who may log in, where there is a login. */
export const DERBY_USER = { user: 'demo', password: 'secret' } as const;

/** arrow-java's example over an Apache Derby, with the tables `INTTABLE` and `FOREIGNTABLE`. */
export async function startJavaDerby(options: DerbyOptions = {}): Promise<RunningServer> {
  const installation = await installed('java-derby');
  const [port = 0] = await freePorts(1);
  const folder = serverFolder('java-derby');
  const { example = 'stateful', auth = 'none', tls = 'none', certificates = folder } = options;
  const jvm = ['--add-opens=java.base/java.nio=ALL-UNNAMED', `-Dderby.system.home=${folder}`, '-Xmx512m', '-cp', classpathOf(installation)];
  const args = [...jvm, 'Launch', String(port), example, auth, tls, certificates];
  return launch({ name: 'java-derby', command: 'java', args, port, folder });
}
