import { FlightSQLError } from '../errors.js';
import { callChecks } from './call-options.js';
import { expected, invalidOption } from './checks.js';

/** Values for the parameters of a statement: by position, or by name. */
export type QueryParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/**
 * Accepts no parameters, and refuses any: dropping them would run another query than the one that was meant.
 */
export function refuseParameters(params: unknown, optionsGiven: boolean): void {
  if (params === undefined || params === null) return;
  if (typeof params !== 'object' || ArrayBuffer.isView(params)) {
    throw expected('the parameters of a query', 'an array, or an object by name', params);
  }
  const keys = Object.keys(params);
  if (keys.length === 0) return;
  const mistaken = !optionsGiven && !Array.isArray(params) && keys.every((key) => Object.hasOwn(callChecks, key));
  if (mistaken) {
    throw invalidOption(
      `the second argument of query() is the parameters, and holds ${keys.join(', ')}: call options are the third`,
      'write query(sql, undefined, { … }) or query(sql, [], { … })',
    );
  }
  throw new FlightSQLError('UNIMPLEMENTED', `query() was given ${keys.length} parameters, which this release cannot bind yet`, {
    hint: 'parameters come with prepared statements, in the next release',
  });
}
