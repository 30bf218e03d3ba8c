import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The last lines of what programs print, on its way to where it goes. */
export class Tail {
  #text = '';

  /** @param {number} lines how many are kept */
  constructor(lines) {
    this.lines = lines;
  }

  follow(from, to) {
    from.setEncoding('utf8');
    from.on('data', (text) => {
      to.write(text);
      this.#text = `${this.#text}${text}`
        .split('\n')
        .slice(-this.lines - 1)
        .join('\n');
    });
  }

  toString() {
    return this.#text;
  }
}

/**
 * Runs a program with the terminal's input and output, and resolves to its exit code.
 *
 * Tools of node_modules are found by name, as npm scripts find them.
 *
 * @param {{ env?: object, quiet?: boolean, cwd?: string, tail?: Tail }} options `tail` keeps the last of the output, where no terminal shows it
 */
export function run(program, args, { env = {}, quiet = false, cwd = ROOT, tail } = {}) {
  const kept = tail !== undefined && !process.stdout.isTTY;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      // npm's own variables would reach the tools' npm calls and warn there.
      env: { ...process.env, ...env, PATH: `${ROOT}node_modules/.bin${delimiter()}${process.env.PATH}` },
      stdio: quiet ? ['ignore', 'ignore', 'inherit'] : ['inherit', kept ? 'pipe' : 'inherit', kept ? 'pipe' : 'inherit'],
      // npm and the tools of node_modules are .cmd files on Windows, which need a shell there.
      shell: process.platform === 'win32',
    });
    if (kept) {
      tail.follow(child.stdout, process.stdout);
      tail.follow(child.stderr, process.stderr);
    }
    child.on('error', (error) => {
      process.stderr.write(`✗ ${program} could not be started: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a program; ends this script if it fails. */
export async function must(program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) process.exit(code);
}

function delimiter() {
  return process.platform === 'win32' ? ';' : ':';
}
