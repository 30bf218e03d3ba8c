import { join } from 'node:path';
import { inBench } from './programs.mjs';

/**
 * The clients by name: what the tables call them, the program that each needs (a kind of programs.mjs), the command that
 * runs it, and for the copy over plain TCP the servers that offer that.
 */
export const clients = {
  flightsql: {
    label: 'flightsql (Node)',
    kind: 'node',
    command: () => [process.execPath, '--expose-gc', inBench('node/client.mjs')],
  },
  core: {
    label: 'flightsql core (Rust)',
    kind: 'rust',
    command: (folder) => [join(folder, 'core-client')],
  },
  stock: {
    label: 'arrow-flight 60 (Rust)',
    kind: 'rust',
    command: (folder) => [join(folder, 'stock-client')],
  },
  pyarrow: {
    label: 'flightsql-dbapi on pyarrow (C++)',
    kind: 'python',
    command: (python) => [python, inBench('python/client_pyarrow.py')],
  },
  adbc: {
    label: 'ADBC from Python (Go)',
    kind: 'python',
    command: (python) => [python, inBench('python/client_adbc.py')],
  },
  gizmosql: {
    label: '@gizmodata/gizmosql-client (Node)',
    kind: 'peers',
    command: () => [process.execPath, '--expose-gc', inBench('peers/gizmosql.mjs')],
    environment: (folder) => ({ FLIGHTSQL_BENCH_PEERS: folder }),
  },
  lancedb: {
    label: '@lancedb/arrow-flight-sql-client (Node)',
    kind: 'peers',
    command: () => [process.execPath, '--expose-gc', inBench('peers/lancedb.mjs')],
    environment: (folder) => ({ FLIGHTSQL_BENCH_PEERS: folder }),
  },
  tcp: {
    label: 'plain TCP copy (Rust)',
    kind: 'rust',
    command: (folder) => [join(folder, 'tcp-copy')],
    servers: ['rust'],
    port: 'rawPort',
  },
};
