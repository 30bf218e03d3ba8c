import { clients } from './clients.mjs';
import { YARDSTICKS } from './results.mjs';

const SHAPES = ['numeric', 'mixed'];
const ROWS = 65_536;
const OWN = ['flightsql', 'core'];
const HOW = { stream: 'Reading batch by batch', table: 'Reading all of it into a table' };

/** The README's tables: the bench's own server, 65,536 rows a batch, one table a way of reading. */
export function markdown({ cases, machine, options }) {
  const of = (shape, mode) => cases.find((result) => result.name === `rust/${shape}/${ROWS}/${mode}`);
  const tables = Object.entries(HOW).map(([mode, how]) =>
    table(
      how,
      SHAPES.map((shape) => of(shape, mode)),
    ),
  );
  return [...tables.filter((text) => text !== null), `<sub>${footnote(machine, options)}</sub>`].join('\n\n');
}

function table(how, results) {
  if (results.includes(undefined)) return null;
  const heading = [how, ...SHAPES.flatMap((shape) => [`${shape} GB/s`, 'CPU s/GB']), 'peak RSS', 'loop delay'];
  const lines = [heading, heading.map((_, column) => (column === 0 ? '---' : '--:'))];
  const notes = [];
  for (const [name, client] of Object.entries(clients)) {
    const entries = results.map((result) => result.clients[name]);
    if (entries.some((entry) => entry === undefined)) {
      if (OWN.includes(name)) throw new Error(`${name} was not measured, and the README's table is about it`);
      continue;
    }
    for (const { note } of entries.slice(0, 1)) if (note !== null) notes.push(`${client.label}: ${note}.`);
    if (entries.every(({ summary }) => !summary)) continue;
    const last = entries.at(-1).summary;
    lines.push([client.label, ...entries.flatMap(({ summary }) => speed(summary)), megabytes(last), milliseconds(last)]);
  }
  const rows = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return [rows, ...YARDSTICKS.map((other) => ratios(other, results)), notes.join(' ')].filter((text) => text !== '').join('\n\n');
}

/** This package against another client: medians of the ratios within a round. */
function ratios(other, results) {
  const each = results.map(({ clients: entries }, at) => {
    const ratio = entries.flightsql.against[other];
    if (!ratio) return null;
    return `${SHAPES[at]} ${ratio.throughput.toFixed(2)} × the throughput at ${ratio.cpu.toFixed(2)} × the processor time`;
  });
  return each.includes(null) ? '' : `flightsql against ${clients[other].label}: ${each.join(', ')}.`;
}

function speed(summary) {
  if (!summary) return ['–', '–'];
  return [summary.gigabytesPerSecond.toFixed(2), summary.cpuSecondsPerGigabyte.toFixed(2)];
}

function megabytes(summary) {
  return !summary || summary.peakRssBytes === null ? '–' : `${(summary.peakRssBytes / 1e6).toFixed(0)} MB`;
}

function milliseconds(summary) {
  return !summary || summary.longestEventLoopDelayMs === null ? '–' : `${summary.longestEventLoopDelayMs.toFixed(1)} ms`;
}

function footnote({ cpu, cores, node, versions }, { bytes, rounds }) {
  const run = `${bytes / 1e6} MB a run, batches of ${ROWS.toLocaleString('en')} rows, ${rounds} rounds`;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${run}; ${cores} cores of ${cpu}, loopback, Node ${node}; ${peers.join(', ')}. Medians, of the second read in one process; peak RSS and loop delay of the mixed shape.`;
}
