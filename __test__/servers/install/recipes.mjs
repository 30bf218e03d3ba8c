import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDataFusion } from './datafusion.mjs';
import { run } from './toolchain.mjs';
import { virtualEnvironment } from './virtual-environment.mjs';

const servers = fileURLToPath(new URL('..', import.meta.url));
const source = (...path) => join(servers, ...path);
/** The names and contents of a folder's files. */
const contents = (folder) =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

/** The programs that use the JDBC driver. */
const jdbcPrograms = source('../foreign-clients/java');

const SQLITE_SERVER = 'github.com/apache/arrow-go/v18/arrow/flight/flightsql/example/cmd/sqlite_flightsql_server@v18.8.0';
const ROAPI = 'roapi==0.12.7';

/** The jars of a pom in `lib`, and the classes of programs that use them in `classes`. */
async function javaPrograms(folder, pom, programs) {
  // Maven works in the folder of the pom: a copy of it keeps the tree clean.
  copyFileSync(pom, join(folder, 'pom.xml'));
  const jars = `-DoutputDirectory=${join(folder, 'lib')}`;
  await run('mvn', ['--quiet', '--batch-mode', 'dependency:copy-dependencies', jars], { cwd: folder });
  mkdirSync(join(folder, 'classes'));
  await run('javac', ['-encoding', 'UTF-8', '-cp', join(folder, 'lib', '*'), '-d', join(folder, 'classes'), ...programs]);
}

/**
 * What can be installed: the tools that each needs on the machine, the inputs that decide whether an earlier
 * installation still holds, and the build into a folder of its own.
 */
export const recipes = {
  python: {
    tools: ['python3'],
    inputs: () => [readFileSync(source('python/requirements.txt'), 'utf8')],
    build: (folder) => virtualEnvironment(folder, ['--requirement', source('python/requirements.txt')]),
  },

  // Apart from the other Python packages: its wheel is 124 MB, and only its own tests need it.
  roapi: {
    tools: ['python3'],
    inputs: () => [ROAPI],
    build: (folder) => virtualEnvironment(folder, [ROAPI]),
  },

  'arrow-go-sqlite': {
    tools: ['go'],
    inputs: () => [SQLITE_SERVER],
    build: (folder) => run('go', ['install', SQLITE_SERVER], { cwd: folder, env: { ...process.env, GOBIN: folder } }),
  },

  'go-truth': {
    tools: ['go'],
    inputs: () => contents(source('go-truth')),
    build: (folder) =>
      run('go', ['build', '-o', join(folder, 'go-truth'), '.'], {
        cwd: source('go-truth'),
        env: { ...process.env, GOWORK: 'off' },
      }),
  },

  datafusion: {
    tools: ['cargo', 'cc', 'python3'],
    inputs: () => [
      ...['Cargo.toml', 'Cargo.lock'].map((name) => readFileSync(source('datafusion', name), 'utf8')),
      ...contents(source('datafusion/src')),
    ],
    build: (folder) => buildDataFusion(source('datafusion'), folder),
  },

  'java-derby': {
    tools: ['java', 'javac', 'mvn'],
    inputs: () => ['pom.xml', 'Launch.java'].map((name) => readFileSync(source('java-derby', name), 'utf8')),
    build: (folder) => javaPrograms(folder, source('java-derby/pom.xml'), [source('java-derby/Launch.java')]),
  },

  // The driver alone is 45 MB.
  jdbc: {
    tools: ['java', 'javac', 'mvn'],
    inputs: () => [readFileSync(source('jdbc/pom.xml'), 'utf8'), contents(jdbcPrograms)],
    build: (folder) =>
      javaPrograms(
        folder,
        source('jdbc/pom.xml'),
        readdirSync(jdbcPrograms).map((name) => join(jdbcPrograms, name)),
      ),
  },
};

/** What `java` needs to find the classes of an installation of Java programs. */
export function classpathOf(folder) {
  return [join(folder, 'classes'), join(folder, 'lib', '*')].join(delimiter);
}
