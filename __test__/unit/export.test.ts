import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { exportParquet } from '../../src-ts/export.js';
import type { NativeExport, NativeExportSummary, NativeOutcome } from '../../src-ts/native/binding-types.js';
import { type ExportOptions, type ExportProgress, resolveExport } from '../../src-ts/options/export-options.js';
import { errorText, FakeAddon } from './fake-native.js';

/** An export that goes on until it is told to end. */
class FakeExport implements NativeExport {
  rows = 0;
  asked = 0;
  readonly #finished: Promise<NativeOutcome<NativeExportSummary>>;
  end: (outcome: NativeOutcome<NativeExportSummary>) => void = () => {};

  constructor() {
    this.#finished = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  progress(): { rows: number; bytes: number; batches: number } {
    this.asked += 1;
    return { rows: this.rows, bytes: this.rows * 8, batches: 1 };
  }

  finish(): Promise<NativeOutcome<NativeExportSummary>> {
    return this.#finished;
  }
}

const SUMMARY: NativeOutcome<NativeExportSummary> = [null, { rows: 5n, bytes: 40n, rowGroups: 2n }];

function exporting(options: ExportOptions): { addon: FakeAddon; native: FakeExport; done: ReturnType<typeof exportParquet> } {
  const addon = new FakeAddon();
  const native = new FakeExport();
  addon.onCancel = () => native.end([errorText('CANCELLED_BY_CALLER'), undefined]);
  const client = { exportParquet: () => native };
  return { addon, native, done: exportParquet(addon, client, 'SELECT 1', resolveExport('x.parquet', options)) };
}

test('an export resolves to what it wrote', async () => {
  const { native, done } = exporting({});
  native.end(SUMMARY);
  assert.deepEqual(await done, { rows: 5n, bytes: 40n, rowGroups: 2 });
  assert.equal(native.asked, 0, 'nobody listens, nobody asks');
});

test('progress is told while the export goes on, and once at the end', async () => {
  const told: ExportProgress[] = [];
  let twice: () => void = () => {};
  const toldTwice = new Promise<void>((resolve) => {
    twice = resolve;
  });
  const { native, done } = exporting({
    onProgress(progress) {
      told.push(progress);
      native.rows += 1;
      if (told.length === 2) twice();
    },
  });
  await toldTwice;
  native.end(SUMMARY);
  await done;
  assert.deepEqual(
    told,
    [0, 1, 2].map((rows) => ({ rows, bytes: rows * 8, batches: 1 })),
  );
});

test('what onProgress throws cancels the export, is what it rejects with, and is the last that it is asked', async () => {
  const mine = new Error('mine');
  const onProgress = mock.fn(() => {
    throw mine;
  });
  const { addon, done } = exporting({ onProgress });
  await assert.rejects(done, (error) => error === mine);
  assert.equal(addon.cancelled, 1);
  await setTimeout(250);
  assert.equal(onProgress.mock.callCount(), 1);
});

test('an abort cancels the export and rejects with its reason', async () => {
  const controller = new AbortController();
  const { addon, done } = exporting({ signal: controller.signal });
  controller.abort(new Error('stop'));
  await assert.rejects(done, { message: 'stop' });
  assert.equal(addon.cancelled, 1);
});

test('an export that fails rejects with its error, and tells no progress after it', async () => {
  const onProgress = mock.fn();
  const { native, done } = exporting({ onProgress });
  native.end([errorText('IO_ERROR', 'no space left'), undefined]);
  await assert.rejects(done, { code: 'IO_ERROR' });
  assert.equal(onProgress.mock.callCount(), 0);
});
