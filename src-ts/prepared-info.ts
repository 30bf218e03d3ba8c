import type { Schema } from 'apache-arrow';
import { expected } from './options/checks.js';
import { type Statement, statementOf } from './statement-text.js';

/** What is known of a statement that a server has prepared; a {@link PreparedStatement} has all of it. */
export interface PreparedStatementInfo {
  /** What the server knows it by. */
  readonly handle: Uint8Array;
  /** What was prepared. */
  readonly statement?: Statement | null | undefined;
  readonly resultSchema?: Schema | null | undefined;
  readonly parameterSchema?: Schema | null | undefined;
  readonly isUpdate?: boolean | null | undefined;
}

/** What is known, with `null` for the rest. */
export type KnownPrepared = { readonly [K in keyof PreparedStatementInfo]-?: Exclude<PreparedStatementInfo[K], undefined> };

/** @throws FlightSQLError `INVALID_OPTION` for something else. */
export function knownPrepared(known: unknown): KnownPrepared {
  if (typeof known !== 'object' || known === null) throw expected('the statement', 'an object { handle, … }', known);
  const {
    handle,
    statement = null,
    resultSchema = null,
    parameterSchema = null,
    isUpdate = null,
  } = known as Partial<PreparedStatementInfo>;
  if (!(handle instanceof Uint8Array)) throw expected('the handle', "a Uint8Array, which a statement's handle is", handle);
  if (statement !== null) statementOf(statement);
  const schemas = { resultSchema, parameterSchema };
  for (const [name, schema] of Object.entries(schemas)) {
    if (schema !== null && !isSchema(schema)) throw expected(name, 'a Schema of apache-arrow, or null', schema);
  }
  if (isUpdate !== null && typeof isUpdate !== 'boolean') throw expected('isUpdate', 'true, false or null', isUpdate);
  return { handle: new Uint8Array(handle), statement, resultSchema, parameterSchema, isUpdate };
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'fields' in value && Array.isArray(value.fields);
}
