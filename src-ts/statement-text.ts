import type { NativeStatement } from './native/binding-types.js';
import { expected } from './options/checks.js';

/** A query plan in place of SQL text, as Substrait's protobuf encodes it. Few servers take them. */
export interface SubstraitPlan {
  readonly plan: Uint8Array;
  /** The version of Substrait that the plan is of, such as `0.24.0`, where the server wants to know. */
  readonly version?: string | undefined;
}

/** What a server is to run: SQL text, or a Substrait plan. */
export type Statement = string | SubstraitPlan;

/** @throws FlightSQLError `INVALID_OPTION` for something else. */
export function statementOf(statement: unknown): NativeStatement {
  if (typeof statement === 'string') return statement;
  if (typeof statement === 'object' && statement !== null && 'plan' in statement) {
    const { plan, version = '' } = statement as Partial<SubstraitPlan>;
    if (!(plan instanceof Uint8Array)) throw expected('the plan', 'the bytes of a Substrait plan, as a Uint8Array', plan);
    if (typeof version !== 'string') throw expected("the plan's version", 'a string', version);
    return { plan, version };
  }
  throw expected('the query', 'a string, or a Substrait plan { plan, version }', statement);
}
