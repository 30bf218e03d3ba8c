#!/usr/bin/env node
import { suggestion } from '../options/nearest.js';
import type { Command } from './command.js';
import { describeError, EXIT, exitCodeOf } from './exit-code.js';
import { serve } from './serve.js';

const COMMANDS: readonly Command[] = [serve];

const HELP = `usage: flightsql <command> [options]

commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

options:
  -h, --help     this text; behind a command, the command's
  --version      the version
`;

/** Runs what the arguments say; resolves to the exit code. */
async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === undefined) {
    process.stderr.write(HELP);
    return EXIT.usage;
  }
  if (first === '--help' || first === '-h' || first === 'help') return print(HELP);
  if (first === '--version') return print(`${await version()}\n`);
  const command = COMMANDS.find(({ name }) => name === first);
  if (command === undefined) {
    const names = COMMANDS.map(({ name }) => name);
    process.stderr.write(`flightsql: unknown command '${first}': ${suggestion(first, names)}\n`);
    return EXIT.usage;
  }
  if (rest.includes('--help') || rest.includes('-h')) return print(command.help);
  return command.run(rest);
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

/** The addon and the package are released together. */
async function version(): Promise<string> {
  const { addon } = await import('../native/addon.js');
  return addon.addonVersion();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`flightsql: ${describeError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
