import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { EmbeddedServer } from 'flightsql/server';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const examples = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1] as string);

describe('the examples of the README, run as they stand', () => {
  let server: EmbeddedServer;
  let folder: string;
  before(async () => {
    server = await EmbeddedServer.start({ init: "CREATE TABLE home (room TEXT, temp DOUBLE); INSERT INTO home VALUES ('hall', 19.5)" });
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    // Within the package, so that its own name leads to what is built.
    folder = mkdtempSync(join(ROOT, 'dist/readme-'));
    // What an example reads.
    const readings = tableFromArrays({ temp: Float64Array.of(1, 2, 3) });
    writeFileSync(join(folder, 'readings.arrow'), tableToIPC(readings, 'file'));
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const OUTPUT = [
    /^1 Schema<[\s\S]*\n1\n1n rows are in home\.parquet\n$/,
    /^hall 19\.5\n$/,
    /^2n\nhall\n\[ 'room TEXT', 'temp DOUBLE' \]\n$/,
    /^2n\n3n\n$/,
    // Those of the second example are there too.
    /^3\n$/,
    /^CONNECTION_FAILED true nothing listens/,
  ];

  it('are those that are known here', () => assert.equal(examples.length, OUTPUT.length));

  for (const [index, example] of examples.entries()) {
    it(`example ${index + 1}`, async () => {
      // The port that `flightsql serve` has by default may be taken on this machine.
      const text = example.replaceAll('31337', String(server.port));
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text], {
        cwd: folder,
        timeout: 60_000,
      });
      assert.match(stdout, OUTPUT[index] as RegExp);
    });
  }
});
