import { join } from 'node:path';
import { inBench } from '../programs.mjs';

/** The clients of small queries: what the tables call them, the program that each needs, the command that runs it. */
export const clients = {
  flightsql: {
    label: 'flightsql (Node)',
    kind: 'node',
    command: () => [process.execPath, '--expose-gc', inBench('node/small-queries.mjs')],
  },
  stock: {
    label: 'arrow-flight 60 (Rust)',
    kind: 'rust',
    command: (folder) => [join(folder, 'stock-small-queries')],
  },
  adbc: {
    label: 'ADBC from Python (Go)',
    kind: 'python',
    command: (python) => [python, inBench('python/small_queries_adbc.py')],
  },
  gizmosql: {
    label: '@gizmodata/gizmosql-client (Node)',
    kind: 'peers',
    command: () => [process.execPath, '--expose-gc', inBench('peers/gizmosql-small-queries.mjs')],
    environment: (folder) => ({ FLIGHTSQL_BENCH_PEERS: folder }),
  },
};

/** What this package is held against by the difference; it is to be ahead of all others. */
export const YARDSTICK = 'stock';
