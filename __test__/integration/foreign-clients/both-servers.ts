import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { EmbeddedServer, type ServerOptions } from 'flightsql/server';
import { startArrowGoSqlite } from '../../servers/arrow-go-sqlite.js';
import { unlessInstallable, useServer } from '../../servers/use-server.js';
import { assertOutcome, type Expected, Failure, type Outcome } from './outcomes.js';
import { outcomes, type Program, type Settings } from './program.js';

/** What is expected of the steps of a program, by their names. */
export type Expectations = Readonly<Record<string, Expected>>;

/** Holds the embedded server to what a program does with it. */
export function againstEmbedded(program: Program, expected: Expectations, options: ServerOptions = {}, more: Partial<Settings> = {}): void {
  describe(`${program.name} with the embedded server`, { skip: unlessInstallable(program.needs) }, () => {
    everyStep(expected, async () => {
      await using server = await EmbeddedServer.start(options);
      return await outcomes(program, { ...more, port: server.port });
    });
  });
}

/**
 * The same, and that the program can do nothing with arrow-go's SQLite server that it cannot do with the embedded one: what comes of each step is
 * the same, but for those in `otherwise`. What fails with the embedded server has to fail there too.
 */
export function againstBoth(program: Program, expected: Expectations, otherwise: Expectations): void {
  againstEmbedded(program, expected);
  const skip = unlessInstallable(program.needs) || unlessInstallable('arrow-go-sqlite');
  describe(`${program.name} with arrow-go's SQLite server`, { skip }, () => {
    const server = useServer(startArrowGoSqlite);
    test('what differs is known', () => {
      for (const [step, other] of Object.entries(otherwise)) {
        assert(step in expected, step);
        if (expected[step] instanceof Failure) assert(other instanceof Failure, `'${step}' can be done with arrow-go's server`);
      }
    });
    everyStep({ ...expected, ...otherwise }, () => outcomes(program, { port: server().port }));
  });
}

function everyStep(expected: Expectations, run: () => Promise<ReadonlyMap<string, Outcome>>): void {
  let found: ReadonlyMap<string, Outcome>;
  before(async () => {
    found = await run();
  });
  test('every step is one that is expected', () => assert.deepEqual([...found.keys()], Object.keys(expected)));
  for (const [step, value] of Object.entries(expected)) test(step, () => assertOutcome(found.get(step), value));
}
