import { duration, say } from './say.mjs';

/**
 * Runs named steps one after the other, all of them even if one fails, and prints a summary.
 *
 * @param {readonly { name: string, run: () => Promise<number> }[]} steps each resolves to an exit code
 * @returns whether all passed
 */
export async function runSteps(steps) {
  const done = [];
  for (const step of steps) {
    say(step.name);
    const began = performance.now();
    const code = await step.run();
    done.push({ name: step.name, passed: code === 0, took: duration(performance.now() - began) });
  }
  say('summary');
  for (const { name, passed, took } of done) process.stderr.write(`  ${passed ? '✓' : '✗'} ${name} (${took})\n`);
  return done.every((step) => step.passed);
}
