import { Tail } from './run.mjs';
import { duration, say } from './say.mjs';

/** How much of a failed step's output is told again at the end, where a log may begin for who reads it. */
const TOLD_AGAIN = 60;

/**
 * Runs named steps one after the other, all of them even if one fails, and prints a summary.
 *
 * @param {readonly { name: string, run: (tail: Tail) => Promise<number> }[]} steps each resolves to an exit code
 * @returns whether all passed
 */
export async function runSteps(steps) {
  const done = [];
  for (const step of steps) {
    say(step.name);
    const began = performance.now();
    const tail = new Tail(TOLD_AGAIN);
    const code = await step.run(tail);
    done.push({ name: step.name, passed: code === 0, took: duration(performance.now() - began), tail });
  }
  for (const { name, tail } of done.filter((step) => !step.passed && `${step.tail}` !== '')) {
    say(`the last of: ${name}`);
    process.stderr.write(`${tail}\n`);
  }
  say('summary');
  for (const { name, passed, took } of done) process.stderr.write(`  ${passed ? '✓' : '✗'} ${name} (${took})\n`);
  return done.every((step) => step.passed);
}
