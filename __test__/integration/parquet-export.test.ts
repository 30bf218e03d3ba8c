import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FlightSQLError } from 'flightsql';
import { startGoTruth, startPyarrowTruth } from '../servers/truth-servers.js';
import { expectationOf, type TypeDescription } from './truth/expectation.js';
import { failureOf } from './truth/failure.js';
import { forEveryCase, type TruthSuite, truthSuite } from './truth/suite.js';

truthSuite('Parquet files of what pyarrow sends', ['python'], startPyarrowTruth, exportEveryCase);
truthSuite('Parquet files of what arrow-go sends', ['go-truth', 'python'], startGoTruth, exportEveryCase);

/** Cases of types that Parquet holds, with values that it does not. */
const BEYOND_PARQUET: Readonly<Record<string, string>> = {
  'seconds out of the range of milliseconds': 'instant',
};

/** Every type that Parquet can hold is read back equal by pyarrow; the others are refused by the name of their column. */
function exportEveryCase(suite: TruthSuite): void {
  forEveryCase(suite, 'every value is in the file, or its column is refused', (name) => {
    const { fields } = expectationOf(suite.server, name).schema;
    const refused = BEYOND_PARQUET[name] ?? fields.find(({ type }) => !parquetHolds(type))?.name;
    const isHeld = refused === undefined && fields.length > 0;
    return failureOf(name, () => (isHeld ? exportIsEqual(suite, name) : exportIsRefused(suite, name, refused ?? null)));
  });
}

/**
 * Parquet has no unions, no intervals of nanoseconds, no decimals with a negative scale, no bytes of no width, no group without children, and
 * no table without columns.
 */
function parquetHolds({ kind, scale = 0, width, value, children }: TypeDescription): boolean {
  if (kind.endsWith('union') || kind === 'interval_month_day_nano' || width === 0) return false;
  if (kind.startsWith('decimal') && scale < 0) return false;
  if (kind === 'struct' && children?.length === 0) return false;
  return (!value || parquetHolds(value)) && (children ?? []).every(({ type }) => parquetHolds(type));
}

async function exportIsEqual({ server, client, checker }: TruthSuite, name: string): Promise<void> {
  const file = join(server.folder, 'written.parquet');
  await client.exportTo(name, file);
  assert.equal(await checker.difference('parquet', file, server.filesOf(name)), null);
}

async function exportIsRefused({ server, client }: TruthSuite, name: string, column: string | null): Promise<void> {
  const file = join(server.folder, 'refused.parquet');
  rmSync(file, { force: true });
  await assert.rejects(client.exportTo(name, file), (error: unknown) => {
    assert(error instanceof FlightSQLError);
    assert.equal(error.code, name in BEYOND_PARQUET ? 'INVALID_DATA' : 'UNSUPPORTED_TYPE');
    assert.equal(error.column, column);
    assert(error.message.includes(column ?? 'no columns'), error.message);
    return true;
  });
  assert(!existsSync(file), 'a file was left behind');
}
