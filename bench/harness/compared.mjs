// What the benches of ingests and of small queries do alike: one server, cases, clients that take turns, tables, targets.
import { describeMachine, load } from './machine.mjs';
import { inBench, makePrograms } from './programs.mjs';
import { readResults, writeResults } from './results.mjs';
import { runRounds, seededRandom } from './rounds.mjs';
import { startServer } from './servers.mjs';
import { aligned } from './text-table.mjs';

/**
 * A bench, of `clients` by name: `cases(options)`, each with a `name`, and with `clients` where not all take part;
 * `runClient(name, path, case, server)`; `caseResult(case, runs, missing)`; `table(result)`, `notes(result)` and `heading(result)`; `missedTargets(cases)`.
 */
export async function main(bench, options) {
  if (options.help) return console.log(bench.usage);
  const results = options.report === null ? await measure(bench, options) : readResults(options.report);
  if (options.markdown) for (const result of results.cases) console.log(`${markdown(bench, result)}\n`);
  else if (options.report !== null) for (const result of results.cases) console.log(`${text(bench, result)}\n`);
  const wrong = ownFailures(results);
  if (options.assert) wrong.push(...bench.missedTargets(results.cases));
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else if (options.assert) console.error('every target is met');
}

async function measure(bench, options) {
  const cases = bench.cases(options);
  console.error(`${cases.length} cases, ${options.rounds} rounds, seed ${options.seed}`);
  const programs = await makePrograms(['rust', ...options.clients.map((name) => bench.clients[name].kind)], options);
  if (programs.rust.reason !== undefined) throw new Error(`the server is not available: ${programs.rust.reason}`);
  const results = { machine: describeMachine(), options, startedAt: new Date().toISOString(), cases: [] };
  const random = seededRandom(options.seed);
  const server = await startServer('rust', programs.rust.path);
  try {
    for (const one of cases) {
      const result = await measureCase(bench, one, server, programs, options, random);
      results.cases.push(result);
      console.log(`\n${text(bench, result)}`);
    }
  } finally {
    await server.stop();
  }
  const file = options.output ?? inBench(`results/${bench.name}.json`);
  writeResults(file, results);
  console.error(`\nwrote ${file}`);
  return results;
}

async function measureCase(bench, one, server, programs, options, random) {
  const chosen = options.clients.filter((name) => one.clients?.includes(name) ?? true);
  const program = (name) => programs[bench.clients[name].kind];
  const missing = Object.fromEntries(chosen.map((name) => [name, program(name).reason]).filter(([, reason]) => reason));
  const entrants = chosen.filter((name) => !(name in missing)).map((name) => ({ name, path: program(name).path }));
  const loadBefore = load();
  const runOne = (name, path) => bench.runClient(name, path, one, server);
  const runs = await runRounds(entrants, options.rounds, random, runOne, (name, round, run) => {
    if (run.failure !== undefined) console.error(`  ${one.name} ${name}, round ${round + 1}: ${run.failure}`);
  });
  return { ...bench.caseResult(one, runs, missing), loadBefore, loadAfter: load() };
}

function text(bench, result) {
  return [bench.heading(result), ...aligned(bench.table(result)), ...bench.notes(result).map((note) => `  ${note}`)].join('\n');
}

function markdown(bench, result) {
  const [headings, ...rows] = bench.table(result);
  const lines = [headings, headings.map((_, column) => (column === 0 ? '---' : '--:')), ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return [bench.heading(result), table, ...bench.notes(result)].join('\n\n');
}

/** Where this package failed, or was left out: then the run is a failure, fast or not. */
function ownFailures({ cases }) {
  return cases.flatMap(({ name, clients }) => (clients.flightsql?.note ? [`${name}: flightsql: ${clients.flightsql.note}`] : []));
}
