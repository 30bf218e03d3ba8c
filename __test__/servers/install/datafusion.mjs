import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, once } from './cache.mjs';
import { run } from './toolchain.mjs';
import { virtualEnvironment } from './virtual-environment.mjs';

const BINARY = 'flightsql-datafusion-server';

/** The crate of Substrait's messages generates them when it is built, by a protoc that it does not bring; this package does. */
const PROTOC = 'grpcio-tools==1.85.1';

/**
 * Builds the server of the crate in `source` and leaves its binary in `folder`. Cargo works in a folder that all versions of the crate share, and
 * that may be removed: a build from nothing takes minutes, one of another version seconds.
 */
export async function buildDataFusion(source, folder) {
  const protoc = await once('protoc', [PROTOC], (into) => virtualEnvironment(into, [PROTOC]));
  const target = join(cacheFolder(), 'datafusion-target');
  await run('cargo', ['build', '--quiet', '--locked', '--target-dir', target], {
    cwd: source,
    env: { ...process.env, PROTOC: join(protoc, 'venv/bin/python-grpc-tools-protoc') },
  });
  copyFileSync(join(target, 'debug', BINARY), join(folder, BINARY));
}

/** The server of an installation. */
export function dataFusionBinary(folder) {
  return join(folder, BINARY);
}
