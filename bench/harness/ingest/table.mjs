import { clients, YARDSTICKS } from './clients.mjs';

/** The cells of one case: its headings, and a line a client. */
export function table({ clients: results }) {
  const headings = ['client', 'GB/s', '(range)', 'CPU s/GB', 'RSS MB', 'peak MB', ...YARDSTICKS.map((other) => `GB/s ×${other}`)];
  const lines = Object.entries(results).filter(([, { summary }]) => summary);
  return [headings, ...lines.map(([name, { summary, against }]) => [clients[name].label, ...figures(summary), ...ratios(against)])];
}

/** What is to be said beneath the table of a case. */
export function notes({ clients: results, againstBest }) {
  const why = Object.entries(results).filter(([, { note }]) => note !== null);
  const best = againstBest === null ? [] : [`flightsql against the better of the others: ${againstBest.toFixed(2)} ×`];
  return [...best, ...why.map(([name, { note }]) => `${clients[name].label}: ${note}`)];
}

function figures({ gigabytesPerSecond, slowest, fastest, cpuSecondsPerGigabyte, rssBytes, peakRssBytes }) {
  const speeds = [gigabytesPerSecond.toFixed(2), `${slowest.toFixed(2)}–${fastest.toFixed(2)}`];
  return [...speeds, cpuSecondsPerGigabyte.toFixed(3), megabytes(rssBytes), megabytes(peakRssBytes)];
}

const megabytes = (bytes) => (bytes === null ? '' : (bytes / 1e6).toFixed(0));

const ratios = (against) => YARDSTICKS.map((other) => against[other]?.toFixed(2) ?? '');
