// docs/parity.md says of everything that other clients have how it is done here, and names the test that shows it: which has to be there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type HasTest, testsIn } from './titles.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/parity.md'), 'utf8');

/** `file › name`, in a code span: the file below `__test__/`, and the test's name. */
const REFERENCE = /`([\w./-]+\.ts) › ([^`]+)`/g;

/** What a row says instead, where there is no test: that there is nothing to show yet, or will be nothing. */
const NOTHING_TO_SHOW = /^(?:not yet|\(landing\)|never)(?:$|[:;, ])/;

interface Row {
  readonly what: string;
  readonly here: string;
  readonly shownBy: string;
}

/** The rows of the page's tables, without their heads. */
function rows(): Row[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return lines
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([, here]) => here !== 'here')
    .map((cells) => {
      const [what = '', here = '', shownBy = ''] = cells;
      assert.equal(cells.length, 3, `a row of the page has other than three cells: ${cells.join(' | ')}`);
      return { what, here, shownBy };
    });
}

const files = new Map<string, HasTest>();

function testsOf(file: string): HasTest {
  const known = files.get(file);
  if (known !== undefined) return known;
  const path = join(ROOT, '__test__', file);
  assert(existsSync(path), `the page names ${file}, which is not there`);
  const tests = testsIn(readFileSync(path, 'utf8'));
  files.set(file, tests);
  return tests;
}

test('every test that the page names is there, by that name', () => {
  const named = [...page.matchAll(REFERENCE)];
  assert(named.length > 100, `${named.length} tests are named`);
  const missing = named.filter(([, file = '', name = '']) => !testsOf(file)(name)).map(([reference]) => reference);
  assert.deepEqual(missing, []);
});

test('every row names a test, or says that there is nothing to show', () => {
  const bare = rows().filter(({ here, shownBy }) => shownBy.match(REFERENCE) === null && !NOTHING_TO_SHOW.test(here));
  assert.deepEqual(
    bare.map(({ what }) => what),
    [],
  );
});

test('what is there is not said to be missing: a row that names a test does not begin with "not yet"', () => {
  const both = rows().filter(({ here, shownBy }) => shownBy.match(REFERENCE) !== null && NOTHING_TO_SHOW.test(here));
  assert.deepEqual(
    both.map(({ what }) => what),
    [],
  );
});

test('a name that no test has is not found, and one that is put together is', () => {
  const tests = testsIn(`
    test('a whole name', () => {});
    for (const [what, value] of [['of a table', 1]]) test(what, () => {});
    for (const mode of ['append']) withTable(\`\${mode}: its rows\`, () => {});
  `);
  assert.deepEqual(['a whole name', 'of a table', 'append: its rows', 'a whole', 'its rows', 'a whole name and more'].map(tests), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
