import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type ExportOptions, resolveExport } from '../../src-ts/options/export-options.js';

test('a Parquet file is compressed with zstd in row groups of 122,880 rows unless asked otherwise', () => {
  const resolved = resolveExport('out.parquet', undefined);
  assert.deepEqual(resolved, {
    path: 'out.parquet',
    parquet: { compression: 'zstd', compressionLevel: null, rowGroupRows: 122_880 },
    call: { timeout: 0, headers: [], signal: null, reading: null, maxMessageBytes: null, compression: null },
    params: null,
    onProgress: null,
  });
});

test('every option is taken', () => {
  const { signal } = new AbortController();
  const onProgress = () => {};
  const options = {
    compression: 'gzip',
    compressionLevel: 3,
    rowGroupRows: 10,
    params: null,
    onProgress,
    signal,
    timeout: 5,
    headers: { a: 'b' },
    ordered: false,
    concurrency: 3,
  } as const;
  assert.deepEqual(resolveExport('out.PARQUET', options), {
    path: 'out.PARQUET',
    parquet: { compression: 'gzip', compressionLevel: 3, rowGroupRows: 10 },
    call: {
      timeout: 5,
      headers: ['a', 'b'],
      signal,
      maxMessageBytes: null,
      compression: null,
      reading: { ordered: false, concurrency: 3, schemaCheck: null, renew: null },
    },
    params: null,
    onProgress,
  });
});

test('a file URL is its path', () => {
  const path = join(process.cwd(), 'my out.parquet');
  assert.equal(resolveExport(pathToFileURL(path), undefined).path, path);
});

const refused: readonly [what: string, file: unknown, options: unknown, says: RegExp][] = [
  ['a CSV file', 'out.csv', undefined, /'out.csv' ends in '.csv': known is .parquet/],
  ['a file without an ending', 'dir.x/out', undefined, /has no ending/],
  ['an empty path', '', undefined, /a path or a file: URL, not ''/],
  ['a number', 7, undefined, /a path or a file: URL, not 7/],
  ['a web URL', new URL('https://h/out.parquet'), undefined, /a path or a file: URL, not 'https:'/],
  ['an unknown compression', 'o.parquet', { compression: 'zst' }, /compression must be one of .* not 'zst'; did you mean 'zstd'\?/],
  ['a level for a codec without', 'o.parquet', { compression: 'snappy', compressionLevel: 1 }, /'snappy' has no levels/],
  [
    'a level out of range',
    'o.parquet',
    { compression: 'gzip', compressionLevel: 10 },
    /compressionLevel must be 0 to 9 for 'gzip', not 10/,
  ],
  ['zstd at level 0', 'o.parquet', { compressionLevel: 0 }, /1 to 22 for 'zstd', not 0/],
  ['row groups without rows', 'o.parquet', { rowGroupRows: 0 }, /rowGroupRows must be a whole number, 1 or more, not 0/],
  ['progress that is no function', 'o.parquet', { onProgress: true }, /onProgress must be a function/],
  ['a mistyped option', 'o.parquet', { rowGroupRow: 1 }, /unknown option 'rowGroupRow': did you mean 'rowGroupRows'\?/],
];

for (const [what, file, options, says] of refused) {
  test(`an export to ${what} is refused`, () => {
    assert.throws(() => resolveExport(file as string, options as ExportOptions), { code: 'INVALID_OPTION', message: says });
  });
}
