import { FlightSQLError } from './errors.js';
import type { NativeBinding, NativeClient } from './native/binding-types.js';
import { collectMessages } from './native/messages.js';
import { MessageReader, MessageWriter } from './native/protobuf.js';
import { type CallOptions, resolveCallOptions } from './options/call-options.js';
import { expected } from './options/checks.js';
import type { SessionOptionInput } from './options/session-options.js';

type Addon = Pick<NativeBinding, 'NativeCancellation'>;
type Open = (method: string) => Pick<NativeClient, 'doAction'>;

/** The value of a session option as a server tells it: 64-bit integers are bigints. */
export type SessionOptionValue = string | boolean | number | bigint | readonly string[];

/** Why a server did not set an option. */
export type SessionOptionError = 'UNSPECIFIED' | 'INVALID_NAME' | 'INVALID_VALUE' | 'ERROR';

/** What became of a session that was to be closed. */
export type CloseSessionStatus = 'UNSPECIFIED' | 'CLOSED' | 'CLOSING' | 'NOT_CLOSEABLE';

const ERRORS: readonly SessionOptionError[] = ['UNSPECIFIED', 'INVALID_NAME', 'INVALID_VALUE', 'ERROR'];
const STATUSES: readonly CloseSessionStatus[] = ['UNSPECIFIED', 'CLOSED', 'CLOSING', 'NOT_CLOSEABLE'];

/** Options of a session that a server did not set; it has set all others. Its code is `INVALID_ARGUMENT`. */
export class SessionOptionsError extends FlightSQLError {
  /** By the name of the option. */
  readonly errors: Readonly<Record<string, SessionOptionError>>;

  constructor(errors: Readonly<Record<string, SessionOptionError>>) {
    const each = Object.entries(errors).map(([name, error]) => `'${name}' (${error})`);
    super(
      'INVALID_ARGUMENT',
      `the server did not set ${each.length === 1 ? 'the session option' : 'the session options'} ${each.join(', ')}`,
    );
    this.errors = errors;
  }
}

/** Sets options of the session; `null` erases one. */
export async function setSessionOptions(
  addon: Addon,
  open: Open,
  options: Readonly<Record<string, SessionOptionInput | null>>,
  callOptions: CallOptions | undefined,
): Promise<void> {
  const body = encodeOptions(options);
  const answer = await answerTo(addon, open, 'setSessionOptions()', 'SetSessionOptions', body, callOptions);
  const errors = decodeMap(answer, 'SetSessionOptionsResult', decodeError);
  if (Object.keys(errors).length > 0) throw new SessionOptionsError(errors);
}

export async function getSessionOptions(
  addon: Addon,
  open: Open,
  callOptions: CallOptions | undefined,
): Promise<Readonly<Record<string, SessionOptionValue>>> {
  const answer = await answerTo(addon, open, 'getSessionOptions()', 'GetSessionOptions', new Uint8Array(0), callOptions);
  const values = decodeMap(answer, 'GetSessionOptionsResult', decodeValue);
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, SessionOptionValue] => entry[1] !== null));
}

export async function closeSession(addon: Addon, open: Open, callOptions: CallOptions | undefined): Promise<CloseSessionStatus> {
  const answer = await answerTo(addon, open, 'closeSession()', 'CloseSession', new Uint8Array(0), callOptions);
  const reader = new MessageReader(answer, 'CloseSessionResult');
  let status = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 1) status = reader.int32();
  return STATUSES[status] ?? 'UNSPECIFIED';
}

async function answerTo(
  addon: Addon,
  open: Open,
  method: string,
  action: string,
  body: Uint8Array,
  callOptions: CallOptions | undefined,
): Promise<Uint8Array> {
  const call = resolveCallOptions(callOptions);
  const [answer] = await collectMessages(addon, call, (native) => open(method).doAction(action, body, native));
  if (answer === undefined) throw new FlightSQLError('PROTOCOL_ERROR', `the server ended ${action} without an answer`);
  return answer;
}

/** The SetSessionOptionsRequest of some options. */
export function encodeOptions(options: unknown): Uint8Array {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw expected('the session options', 'an object of names and values', options);
  }
  const writer = new MessageWriter();
  for (const [name, value] of Object.entries(options)) {
    const entry = new MessageWriter().string(1, name).message(2, encodeValue(value, `the session option '${name}'`));
    writer.message(1, entry.finish());
  }
  return writer.finish();
}

function encodeValue(value: unknown, name: string): Uint8Array {
  const writer = new MessageWriter();
  const text = (each: string) => new TextEncoder().encode(each);
  if (value === null) return writer.finish();
  if (typeof value === 'string') return writer.message(1, text(value)).finish();
  if (typeof value === 'boolean') return writer.bool(2, value).finish();
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw expected(name, 'an integer of 64 bits', value);
    return writer.sfixed64(3, value).finish();
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? writer.sfixed64(3, BigInt(value)).finish() : writer.double(4, value).finish();
  }
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    const list = new MessageWriter();
    for (const each of value) list.message(1, text(each));
    return writer.message(5, list.finish()).finish();
  }
  if (typeof value === 'object' && 'double' in value && typeof value.double === 'number') return writer.double(4, value.double).finish();
  throw expected(name, 'a string, a boolean, a number, a bigint, an array of strings, { double }, or null', value);
}

function decodeMap<T>(bytes: Uint8Array, name: string, decode: (value: Uint8Array) => T): Record<string, T> {
  const reader = new MessageReader(bytes, name);
  const entries: [string, T][] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) continue;
    const entry = new MessageReader(reader.view(), name);
    let key = '';
    let value: Uint8Array = new Uint8Array(0);
    for (let part = entry.next(); part !== 0; part = entry.next()) {
      if (part === 1) key = entry.string();
      else if (part === 2) value = entry.view();
    }
    entries.push([key, decode(value)]);
  }
  return Object.fromEntries(entries);
}

function decodeError(bytes: Uint8Array): SessionOptionError {
  const reader = new MessageReader(bytes, 'SetSessionOptionsResult');
  let error = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 1) error = reader.int32();
  return ERRORS[error] ?? 'UNSPECIFIED';
}

/** `null` is an option that is not set. */
function decodeValue(bytes: Uint8Array): SessionOptionValue | null {
  const reader = new MessageReader(bytes, 'SessionOptionValue');
  let value: SessionOptionValue | null = null;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) value = reader.string();
    else if (field === 2) value = reader.bool();
    else if (field === 3) value = reader.sfixed64();
    else if (field === 4) value = reader.double();
    else if (field === 5) value = decodeStrings(reader.view());
  }
  return value;
}

function decodeStrings(bytes: Uint8Array): readonly string[] {
  const reader = new MessageReader(bytes, 'StringListValue');
  const values: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 1) values.push(reader.string());
  return values;
}
