/**
 * A Flight SQL server over SQLite within the process, for tests and demos.
 *
 * @packageDocumentation
 */

export { FlightSQLError } from '../errors.js';
export { EmbeddedServer } from './embedded-server.js';
export type { ServerLimits } from './server-limits.js';
export type { ServerAuth, ServerOptions } from './server-options.js';
export type { ServerStats } from './server-stats.js';
