import { clients } from './clients.mjs';
import { YARDSTICKS } from './results.mjs';

const HEADINGS = ['client', 'GB/s', '(range)', 'CPU s/GB', '1st GB/s', '1st CPU', 'RSS MB', 'loop ms'];

/** One case as text, a line a client. */
export function textTable(result) {
  const ratios = YARDSTICKS.flatMap((name) => [`GB/s ×${name}`, `CPU ×${name}`]);
  const lines = [[...HEADINGS, ...ratios]];
  const notes = [];
  for (const [name, { summary, against, note }] of Object.entries(result.clients)) {
    const label = clients[name].label;
    if (note !== null) notes.push(`  ${label}: ${note}`);
    if (summary) lines.push([label, ...figures(summary), ...YARDSTICKS.flatMap((other) => ratioCells(against[other]))]);
  }
  const heading = `${result.name}, ${result.bytes / 1e6} MB a run`;
  return [heading, ...aligned(lines), ...notes].join('\n');
}

function figures(summary) {
  const { first, gigabytesPerSecond, slowest, fastest, cpuSecondsPerGigabyte, peakRssBytes, longestEventLoopDelayMs } = summary;
  return [
    gigabytesPerSecond.toFixed(2),
    `${slowest.toFixed(2)}–${fastest.toFixed(2)}`,
    cpuSecondsPerGigabyte.toFixed(3),
    first.gigabytesPerSecond.toFixed(2),
    first.cpuSecondsPerGigabyte.toFixed(3),
    peakRssBytes === null ? '' : (peakRssBytes / 1e6).toFixed(0),
    longestEventLoopDelayMs === null ? '' : longestEventLoopDelayMs.toFixed(1),
  ];
}

function ratioCells(ratio) {
  return ratio === null ? ['', ''] : [ratio.throughput.toFixed(2), ratio.cpu.toFixed(2)];
}

/** Cells in columns of one width. */
export function aligned(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
}
