// What a missing toolchain does: on a developer's machine tests are skipped with a line that says why, with CI set that is an error.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { temporaryFolder } from '../temporary-folder.js';
import { whyUnavailable } from './install/installed.mjs';

const { PATH, CI } = process.env;
const all = temporaryFolder();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(all, 'bin-'));
  process.env['PATH'] = folder;
  delete process.env['CI'];
});
afterEach(() => {
  process.env['PATH'] = PATH;
  if (CI === undefined) delete process.env['CI'];
  else process.env['CI'] = CI;
});

/** A tool that prints this and succeeds. */
function tool(name: string, prints: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho '${prints}'\n`);
  chmodSync(path, 0o755);
}

test('a machine without the tools is told which', () => {
  assert.equal(whyUnavailable('arrow-go-sqlite'), 'arrow-go-sqlite needs go, which this machine lacks');
  assert.equal(whyUnavailable('java-derby'), 'java-derby needs java, javac, mvn, which this machine lacks');
  tool('java', '');
  assert.equal(whyUnavailable('java-derby'), 'java-derby needs javac, mvn, which this machine lacks');
});

test('DataFusion is built here, and wants a Rust that is new enough', () => {
  assert.equal(whyUnavailable('datafusion'), 'datafusion needs cargo, cc, python3, which this machine lacks');
  for (const name of ['cc', 'python3']) tool(name, '');
  tool('cargo', 'cargo 1.93.1 (083ac5135 2025-12-15)');
  const old = 'datafusion needs cargo 1.94 or later (there is cargo 1.93.1 (083ac5135 2025-12-15)), which this machine lacks';
  assert.equal(whyUnavailable('datafusion'), old);
  tool('cargo', 'cargo 1.94.0-nightly');
  assert.equal(whyUnavailable('datafusion'), null);
  process.env['CI'] = 'true';
  tool('cargo', 'cargo 1.93.1');
  assert.throws(() => whyUnavailable('datafusion'), /with CI set no server is skipped/);
});

test('with CI set nothing is skipped', () => {
  process.env['CI'] = 'true';
  assert.throws(() => whyUnavailable('roapi'), /roapi needs python3, which this machine lacks; with CI set no server is skipped/);
});

test('a Go that is too old is none', () => {
  tool('go', 'go1.24.9');
  assert.equal(whyUnavailable('arrow-go-sqlite'), 'arrow-go-sqlite needs go 1.25 or later (there is go1.24.9), which this machine lacks');
  tool('go', 'go1.25.0');
  assert.equal(whyUnavailable('arrow-go-sqlite'), null);
  tool('go', 'devel go1.26-3f1c5a2 Thu Jan 1 00:00:00 2026 +0000');
  assert.equal(whyUnavailable('arrow-go-sqlite'), null);
  tool('go', 'go2.0');
  assert.equal(whyUnavailable('arrow-go-sqlite'), null);
});
