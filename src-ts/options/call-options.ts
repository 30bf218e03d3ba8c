import type { NativeCall, NativeReading } from '../native/binding-types.js';
import type { ParameterTypes } from '../parameters/parameter-types.js';
import { abortSignal, type Check, checkOptions, expected, messageBytes, milliseconds, oneOf } from './checks.js';
import { type CallHeaders, flatHeaders, headers } from './headers.js';
import { type EndpointOptions, endpointChecks, type ReadOptions, readChecks, readingOf } from './read-options.js';

/** Options of a single call; always the last argument. */
export interface CallOptions {
  /**
   * How long the call may take, in milliseconds; the call then fails with code `DEADLINE_EXCEEDED`. Without it, or with 0, there is no limit.
   */
  readonly timeout?: number | undefined;
  /** Headers of this call, beside the client's; of two with one name this one wins. */
  readonly headers?: CallHeaders | undefined;
  /**
   * Cancels the call, on the server too, and rejects with the signal's reason. A signal that is aborted already sends nothing.
   */
  readonly signal?: AbortSignal | undefined;
  /** The largest message taken from the server during this call, in bytes. Without it the client's limit holds. */
  readonly maxMessageBytes?: number | undefined;
}

/** Options of a call that sends record batches. */
export interface UploadOptions extends CallOptions {
  /**
   * What the bodies of batches are compressed with, as Arrow IPC defines it; the server has to know that. Worth its time on slow networks. Without it they
   * are sent as they are.
   */
  readonly compression?: 'lz4' | 'zstd' | undefined;
}

/** Options of a call that takes parameters. */
export interface StatementOptions extends CallOptions {
  /** Arrow types of the parameters, where neither the server's nor those that the values suggest are wanted. */
  readonly types?: ParameterTypes | undefined;
}

/** Options of a query. */
export interface QueryOptions extends StatementOptions, ReadOptions {}

/** Options of {@link FlightSQLClient.doGet}. */
export interface DoGetOptions extends CallOptions, EndpointOptions {}

/** Call options with every default filled in. */
export interface ResolvedCallOptions {
  readonly timeout: number;
  readonly headers: readonly string[];
  readonly signal: AbortSignal | null;
  /** `null` is as the client has it. */
  readonly maxMessageBytes: number | null;
  /** Of what is sent; `null` is none. */
  readonly compression: NativeCall['compression'];
  /** How a result is read; `null` is as the client reads others. */
  readonly reading: NativeReading | null;
}

export const callChecks = { timeout: milliseconds, headers, signal: abortSignal, maxMessageBytes: messageBytes };

export const uploadChecks = { ...callChecks, compression: oneOf('lz4', 'zstd') };

/** Options of a call with parameters, with every default filled in. */
export interface ResolvedStatement {
  readonly call: ResolvedCallOptions;
  readonly types: ParameterTypes | null;
}

const parameterTypes: Check<ParameterTypes> = (value, name) => {
  const isType = (each: unknown) => each === null || (typeof each === 'object' && 'typeId' in each);
  if (typeof value === 'object' && value !== null && Object.values(value).every(isType)) return value as ParameterTypes;
  throw expected(name, 'Arrow types, or null, in an array or an object by name', value);
};

const statementChecks = { ...callChecks, types: parameterTypes };

export const queryChecks = { ...statementChecks, ...readChecks };

/** Resolves the options of a call with parameters; `undefined` is none. */
export function resolveStatementOptions(options: unknown): ResolvedStatement {
  const checked = options === undefined ? {} : checkOptions(options, 'call options', statementChecks);
  return { call: resolvedCall(checked), types: checked.types ?? null };
}

/** Resolves the options of a query; `undefined` is none. */
export function resolveQueryOptions(options: unknown): ResolvedStatement {
  if (options === undefined) return resolveStatementOptions(undefined);
  const checked = checkOptions(options, 'query options', queryChecks);
  return { call: resolvedRead(checked), types: checked.types ?? null };
}

/** Resolves the options of doGet; `undefined` is none. */
export function resolveDoGetOptions(options: unknown): ResolvedCallOptions {
  return options === undefined
    ? resolvedCall({})
    : resolvedRead(checkOptions(options, 'call options', { ...callChecks, ...endpointChecks }));
}

/** Resolves the options of reading a result; `undefined` is none. */
export function resolveReadOptions(options: unknown): ResolvedCallOptions {
  return options === undefined ? resolvedCall({}) : resolvedRead(checkOptions(options, 'call options', { ...callChecks, ...readChecks }));
}

/** Resolves call options; `undefined` is none. */
export function resolveCallOptions(options: unknown): ResolvedCallOptions {
  return resolvedCall(options === undefined ? {} : checkOptions(options, 'call options', callChecks));
}

/** Resolves the options of a call that sends batches; `undefined` is none. */
export function resolveUploadOptions(options: unknown): ResolvedCallOptions {
  return options === undefined ? resolvedCall({}) : resolvedUpload(checkOptions(options, 'call options', uploadChecks));
}

/** The call's part of options that have been checked. */
export function resolvedCall(checked: {
  readonly timeout?: number;
  readonly headers?: ReturnType<typeof headers>;
  readonly signal?: AbortSignal;
  readonly maxMessageBytes?: number;
}): ResolvedCallOptions {
  return Object.freeze({
    timeout: checked.timeout ?? 0,
    headers: checked.headers === undefined ? [] : flatHeaders(checked.headers),
    signal: checked.signal ?? null,
    maxMessageBytes: checked.maxMessageBytes ?? null,
    compression: null,
    reading: null,
  });
}

/** The same with what they say of sending. */
export function resolvedUpload(
  checked: Parameters<typeof resolvedCall>[0] & { readonly compression?: 'lz4' | 'zstd' },
): ResolvedCallOptions {
  return Object.freeze({ ...resolvedCall(checked), compression: checked.compression ?? null });
}

/** The same with what they say of reading a result. */
export function resolvedRead(checked: Parameters<typeof resolvedCall>[0] & Parameters<typeof readingOf>[0]): ResolvedCallOptions {
  return Object.freeze({ ...resolvedCall(checked), reading: readingOf(checked) });
}
