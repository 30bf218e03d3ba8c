import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What examples may use without saying where it comes from. */
const ASSUMED: Readonly<Record<string, string>> = {
  db: "declare const db: import('flightsql').FlightSQLClient;",
  client: "declare const client: import('flightsql').FlightSQLClient;",
  table: "declare const table: import('apache-arrow').Table;",
  token: 'declare const token: string;',
  // On the page of a function nobody has to be told where the function is from.
  decimalBigInt: "import { decimalBigInt } from 'flightsql';",
  decimalString: "import { decimalString } from 'flightsql';",
  timestampISO: "import { timestampISO } from 'flightsql';",
  timestampNanos: "import { timestampNanos } from 'flightsql';",
};

interface Example {
  readonly name: string;
  readonly text: string;
}

/** The TypeScript blocks of the sources' comments, of the README and of the guides. */
function examples(): Example[] {
  const sources = readdirSync(join(ROOT, 'src-ts'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src-ts', name));
  const guides = readdirSync(join(ROOT, 'docs'), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...sources, 'README.md', ...guides].filter((name) => existsSync(join(ROOT, name))).flatMap(examplesOf);
}

function examplesOf(file: string): Example[] {
  const comment = file.endsWith('.ts');
  const text = readFileSync(join(ROOT, file), 'utf8');
  const blocks = text.matchAll(/^[ \t*]*```(?:ts|typescript)\n([\s\S]*?)^[ \t*]*```/gm);
  return [...blocks].map((match, index) => ({
    name: `${file} example ${index + 1}`,
    text: comment ? (match[1] as string).replace(/^[ \t]*\* ?/gm, '') : (match[1] as string),
  }));
}

/** Names that an example uses although it neither declares nor imports them. */
function moduleOf(example: Example): string {
  const missing = Object.entries(ASSUMED)
    .filter(
      ([name]) =>
        new RegExp(`\\b${name}\\b`).test(example.text) && !new RegExp(`(const|using|let|import \\{[^}]*) ${name}\\b`).test(example.text),
    )
    .map(([, declaration]) => declaration);
  return [...missing, example.text, 'export {};'].join('\n');
}

test('every example in the documentation of the API passes the compiler', () => {
  const found = examples();
  assert.ok(found.length >= 8, `only ${found.length} examples were found`);
  const files = new Map(found.map((example, index) => [join(ROOT, `example-${index}.ts`), { example, text: moduleOf(example) }]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.text ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name)?.text;
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const name = file === undefined ? '' : (files.get(file.fileName)?.example.name ?? file.fileName);
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  assert.deepEqual(problems, []);
});
