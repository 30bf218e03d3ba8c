import assert from 'node:assert/strict';

/** What came of one step of a program. */
export type Outcome = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string };

/** That a step fails, with such an error. */
export class Failure {
  readonly error: RegExp;

  constructor(error: RegExp) {
    this.error = error;
  }
}

export function fails(error: RegExp): Failure {
  return new Failure(error);
}

/** What a step is to come to: a value, with regular expressions where a text is to match, or a {@link Failure}. */
export type Expected = unknown;

export function assertOutcome(outcome: Outcome | undefined, expected: Expected): void {
  assert(outcome, 'the program did not take this step');
  if (expected instanceof Failure) {
    assert(!outcome.ok, `it was to fail, and gave ${JSON.stringify(outcome)}`);
    assert.match(outcome.error, expected.error);
    return;
  }
  assert(outcome.ok, `it failed: ${JSON.stringify(outcome)}`);
  assert.deepEqual(withPatterns(outcome.result, expected), expected);
}

/** The value, with each text that matches the pattern in its place replaced by the pattern. */
function withPatterns(value: unknown, expected: unknown): unknown {
  if (expected instanceof RegExp) return typeof value === 'string' && expected.test(value) ? expected : value;
  if (!Array.isArray(value) || !Array.isArray(expected)) return value;
  return value.map((entry, index) => withPatterns(entry, expected[index]));
}
