// The README's tables are what the bench wrote down, and not what somebody typed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
// @ts-expect-error the bench is plain JavaScript
import { markdown } from '../../bench/harness/markdown.mjs';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

interface Recorded {
  readonly cases: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly clients: Readonly<Record<string, { runs: readonly { seconds: number; cpuSeconds: number }[]; summary: Summary | null }>>;
  }[];
}

interface Summary {
  readonly gigabytesPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
}

const recorded = JSON.parse(read('bench/recorded.json')) as Recorded;

test("the README's tables are those of the recorded run", () => {
  const block = /<!-- bench:begin -->\n([\s\S]*)\n<!-- bench:end -->/.exec(read('README.md'))?.[1];
  assert.equal(block, markdown(recorded));
});

test('its figures are the medians of its runs', () => {
  let summaries = 0;
  for (const { bytes, clients } of recorded.cases) {
    for (const { runs, summary } of Object.values(clients)) {
      if (!summary) continue;
      const gigabytes = runs.map((run) => (run as { bytes?: number }).bytes ?? bytes).map((size) => size / 1e9);
      const close = (shown: number, each: number[]): boolean => Math.abs(shown - median(each)) < 1e-6 * shown;
      const speeds = runs.map(({ seconds }, at) => (gigabytes[at] as number) / seconds);
      const costs = runs.map(({ cpuSeconds }, at) => cpuSeconds / (gigabytes[at] as number));
      assert(close(summary.gigabytesPerSecond, speeds) && close(summary.cpuSecondsPerGigabyte, costs));
      summaries += 1;
    }
  }
  assert(summaries >= 20, `${summaries} clients were measured`);
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
