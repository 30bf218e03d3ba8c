import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dataFusionBinary, installed } from './install/installed.mjs';
import { freePorts, launch, type RunningServer, serverFolder } from './launch.js';

export interface DataFusionOptions {
  /** The token without which nobody is let in. */
  readonly bearer?: string;
  readonly tls?: 'none' | 'tls' | 'mtls';
  /** The folder that {@link makeCertificates} filled. */
  readonly certificates?: string;
  /** With which gRPC messages go to clients that offer to take it. */
  readonly compression?: 'none' | 'gzip' | 'zstd' | 'deflate';
}

/** The rows of the table `t`. */
export const DATAFUSION_ROWS = [
  { id: 1n, name: 'one', amount: 1.5 },
  { id: 2n, name: 'größer', amount: -0.25 },
  { id: 3n, name: null, amount: null },
] as const;

/** The rows of the table `big (id, remainder, name)`, whose ids count from 1. */
export const DATAFUSION_BIG = 1_000_000;

/** DataFusion behind `datafusion-flight-sql-server`, with the tables `t`, `inttable` and `big`. */
export async function startDataFusion(options: DataFusionOptions = {}): Promise<RunningServer> {
  const installation = await installed('datafusion');
  const [port = 0] = await freePorts(1);
  const folder = serverFolder('datafusion');
  const { bearer, tls = 'none', certificates = folder, compression = 'none' } = options;
  const args = ['serve', `port=${port}`, `tls=${tls}`, `certs=${certificates}`, `compression=${compression}`];
  if (bearer !== undefined) args.push(`bearer=${bearer}`);
  return launch({ name: 'datafusion', command: dataFusionBinary(installation), args, port, folder });
}

/** The Substrait plan of a query over the server's tables. */
export async function substraitPlan(sql: string): Promise<Uint8Array> {
  const binary = dataFusionBinary(await installed('datafusion'));
  const { stdout } = await promisify(execFile)(binary, ['plan', sql], { encoding: 'buffer' });
  return stdout;
}
