#!/usr/bin/env node
// Measures this package beside the other Flight SQL clients, in one run, taking turns. See README.md in this folder.
import { planCases } from './harness/cases.mjs';
import { clients } from './harness/clients.mjs';
import { describeMachine, load } from './harness/machine.mjs';
import { markdown } from './harness/markdown.mjs';
import { readOptions, USAGE } from './harness/options.mjs';
import { inBench, makePrograms } from './harness/programs.mjs';
import { caseResult, readResults, writeResults } from './harness/results.mjs';
import { runRounds, seededRandom } from './harness/rounds.mjs';
import { runClient } from './harness/run-client.mjs';
import { servers, startServer } from './harness/servers.mjs';
import { missedTargets } from './harness/targets.mjs';
import { textTable } from './harness/text-table.mjs';

async function measure(options) {
  const cases = planCases(options);
  if (cases.length === 0) throw new Error('no case is left: --filter is matched with server/shape/rows/mode');
  console.error(`${cases.length} cases, ${options.rounds} rounds, seed ${options.seed}`);
  const kinds = [...options.servers.map((name) => servers[name].kind), ...options.clients.map((name) => clients[name].kind)];
  const programs = await makePrograms(kinds, options);
  const results = { machine: describeMachine(), options, startedAt: new Date().toISOString(), cases: [] };
  const random = seededRandom(options.seed);
  for (const name of options.servers) {
    const program = programs[servers[name].kind];
    if (program.reason !== undefined) throw new Error(`the ${name} server is not available: ${program.reason}`);
    const server = await startServer(name, program.path);
    try {
      for (const one of cases.filter((planned) => planned.server === name)) {
        const result = await measureCase(one, server, programs, options, random);
        results.cases.push(result);
        console.log(`\n${textTable(result)}`);
      }
    } finally {
      await server.stop();
    }
  }
  const file = options.output ?? inBench('results/latest.json');
  writeResults(file, results);
  console.error(`\nwrote ${file}`);
  return results;
}

async function measureCase(one, server, programs, options, random) {
  const chosen = options.clients.filter((name) => clients[name].servers?.includes(one.server) ?? true);
  const program = (name) => programs[clients[name].kind];
  const missing = Object.fromEntries(chosen.map((name) => [name, program(name).reason]).filter(([, reason]) => reason));
  const entrants = chosen.filter((name) => !(name in missing)).map((name) => ({ name, path: program(name).path }));
  const loadBefore = load();
  const runOne = (name, path) => runClient(name, path, one, server);
  const runs = await runRounds(entrants, options.rounds, random, runOne, (name, round, run) => {
    if (run.failure !== undefined) console.error(`  ${one.name} ${name}, round ${round + 1}: ${run.failure}`);
  });
  return { ...caseResult(one, runs, missing), loadBefore, loadAfter: load() };
}

/** Whether this project's own clients lost rows, failed, or were left out: then the run is a failure, fast or not. */
function ownFailures(results) {
  return results.cases.flatMap(({ name, clients: entries }) =>
    ['flightsql', 'core'].filter((own) => entries[own]?.note).map((own) => `${name}: ${own}: ${entries[own].note}`),
  );
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const results = options.report === null ? await measure(options) : readResults(options.report);
  if (options.report !== null && !options.markdown) for (const result of results.cases) console.log(`${textTable(result)}\n`);
  if (options.markdown) console.log(markdown(results));
  const wrong = ownFailures(results);
  if (options.assert) wrong.push(...missedTargets(results.cases));
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else if (options.assert) console.error('every target is met');
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
