import { inBench } from '../programs.mjs';

/** The clients that ingest: what the tables call them, the program that each needs, the command that runs it. */
export const clients = {
  flightsql: {
    label: 'flightsql (Node)',
    kind: 'node',
    command: () => [process.execPath, '--expose-gc', inBench('node/ingest.mjs')],
  },
  pyarrow: {
    label: 'pyarrow (C++)',
    kind: 'python',
    command: (python) => [python, inBench('python/ingest_pyarrow.py')],
  },
  adbc: {
    label: 'ADBC from Python (Go)',
    kind: 'python',
    command: (python) => [python, inBench('python/ingest_adbc.py')],
  },
};

/** Those that this package is held against: the better of them in each round. */
export const YARDSTICKS = ['pyarrow', 'adbc'];
