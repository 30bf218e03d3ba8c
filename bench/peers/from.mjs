// The peers are installed outside the tree: the harness says where, and they are loaded from there.
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const requirePeer = createRequire(join(process.env.FLIGHTSQL_BENCH_PEERS, 'package.json'));
