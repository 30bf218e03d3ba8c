import { FlightSQLError } from '../errors.js';
import { suggestion } from './nearest.js';

/** Returns `value` if it is what the option `name` takes; throws a `FlightSQLError` that names both otherwise. */
export type Check<T> = (value: unknown, name: string) => T;

type Checks = Readonly<Record<string, Check<unknown>>>;
type Checked<C extends Checks> = { readonly [K in keyof C]?: ReturnType<C[K]> };

/** The error of an option that is not usable. */
export function invalidOption(message: string, hint?: string): FlightSQLError {
  return new FlightSQLError('INVALID_OPTION', message, { hint: hint ?? null });
}

/**
 * Checks an object of options: every key is known, every value what its check takes. `undefined` is an option left out.
 *
 * `instead` says what to use in place of names that users of other clients try.
 */
export function checkOptions<C extends Checks>(
  value: unknown,
  name: string,
  checks: C,
  instead: Readonly<Record<string, string>> = {},
): Checked<C> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw expected(name, 'an object', value);
  const checked: Record<string, unknown> = {};
  const prefix = name.endsWith('options') ? '' : `${name}.`;
  for (const [key, given] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) {
      const advice = Object.hasOwn(instead, key) ? instead[key] : suggestion(key, Object.keys(checks));
      throw invalidOption(`unknown option '${prefix}${key}': ${advice}`);
    }
    if (given !== undefined) checked[key] = check(given, `${prefix}${key}`);
  }
  return checked as Checked<C>;
}

/** An object of further options within one. */
export function nested<C extends Checks>(checks: C): Check<Checked<C>> {
  return (value, name) => checkOptions(value, name, checks);
}

export const string: Check<string> = (value, name) => {
  if (typeof value !== 'string' || value === '') throw expected(name, 'a string that is not empty', value);
  return value;
};

/** Text that no error may show. */
export const secret: Check<string> = (value, name) => {
  if (typeof value !== 'string') throw invalidOption(`${name} must be a string, not ${kindOf(value)}`);
  return value;
};

export const boolean: Check<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw expected(name, 'true or false', value);
  return value;
};

export function integer(least: number, most: number, unit = ''): Check<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  return (value, name) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw expected(name, `a whole number${unit}, ${range}`, value);
  };
}

/** The size of one message. */
export const messageBytes = integer(1, Number.MAX_SAFE_INTEGER, ' of bytes');

/** A time in milliseconds; 0 is no limit. */
export const milliseconds: Check<number> = (value, name) => {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return Math.ceil(value);
  throw expected(name, 'a number of milliseconds, 0 for no limit', value);
};

export function oneOf<const T extends string>(...values: readonly T[]): Check<T> {
  return (value, name) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const hint = typeof value === 'string' ? `; ${suggestion(value, values)}` : '';
    throw expected(name, `one of ${values.map((candidate) => `'${candidate}'`).join(', ')}`, value, hint);
  };
}

export const strings: Check<readonly string[]> = (value, name) => {
  if (!Array.isArray(value)) throw expected(name, 'an array of strings', value);
  return value.map((element, index) => string(element, `${name}[${index}]`));
};

export const abortSignal: Check<AbortSignal> = (value, name) => {
  if (value instanceof AbortSignal) return value;
  throw expected(name, 'an AbortSignal', value);
};

export function callback<F>(form: string): Check<F> {
  return (value, name) => {
    if (typeof value === 'function') return value as F;
    throw expected(name, `a function ${form}`, value);
  };
}

/** `name must be what, not value`. */
export function expected(name: string, what: string, value: unknown, more = ''): FlightSQLError {
  return invalidOption(`${name} must be ${what}, not ${shown(value)}${more}`);
}

const LONGEST_SHOWN = 60;

/** A value as an error shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > LONGEST_SHOWN ? `'${value.slice(0, LONGEST_SHOWN)}…'` : `'${value}'`;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  return kindOf(value);
}

/** What a value is, without showing it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') {
    const made = value.constructor?.name;
    return made === undefined || made === 'Object' ? 'an object' : `an instance of ${made}`;
  }
  return `a ${typeof value}`;
}
