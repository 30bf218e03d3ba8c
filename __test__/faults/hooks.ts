import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../dist/test-hooks/', import.meta.url));

/**
 * The environment in which a child process loads the addon that can force faults, or `null` where that was not built.
 *
 * `npm test` builds it. A run of single files does not, and skips what needs it; with `CI` set that is a failure.
 */
export function hooksEnvironment(): Readonly<Record<string, string>> | null {
  const built = existsSync(FOLDER) ? readdirSync(FOLDER).find((name) => name.endsWith('.node')) : undefined;
  const path = built === undefined ? process.env['FLIGHTSQL_TEST_HOOKS_ADDON'] : FOLDER + built;
  if (path !== undefined) return { NAPI_RS_NATIVE_LIBRARY_PATH: path };
  if (process.env['CI']) throw new Error('the addon with test hooks is missing: npm test builds it');
  return null;
}
