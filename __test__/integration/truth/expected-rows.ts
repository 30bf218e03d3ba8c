import type { FieldDescription, Neutral, TypeDescription } from './expectation.js';

const FRACTION_DIGITS = { s: 0, ms: 3, us: 6, ns: 9 } as const;
const DAYS_OF_400_YEARS = 146_097n;
const MS_OF_DAY = 86_400_000n;

/** The value that `rows()` documents for a value of a truth server. */
export function expectedRowValue(type: TypeDescription, value: Neutral): unknown {
  if (type.kind === 'run_end_encoded' || type.kind === 'dictionary') return expectedRowValue(type.value as TypeDescription, value);
  if (value === null) return null;
  const nested = expectedNested(type, value);
  return nested === undefined ? expectedPlain(type, value) : nested;
}

function expectedNested(type: TypeDescription, value: Neutral): unknown {
  const children = type.children ?? [];
  const items = value as Neutral[];
  switch (type.kind) {
    case 'list':
    case 'large_list':
    case 'list_view':
    case 'large_list_view':
    case 'fixed_size_list':
      return items.map((item) => expectedRowValue((children[0] as FieldDescription).type, item));
    case 'struct': {
      const names = distinctNames(children.map(({ name }) => name));
      return Object.fromEntries(children.map((child, index) => [names[index], expectedRowValue(child.type, items[index] as Neutral)]));
    }
    case 'map':
      return items.map((entry) => children.map((child, index) => expectedRowValue(child.type, (entry as Neutral[])[index] as Neutral)));
    case 'dense_union':
    case 'sparse_union': {
      const [code, chosen] = items as [number, Neutral];
      const child = children[(type.codes ?? []).indexOf(code)] as FieldDescription;
      return expectedRowValue(child.type, chosen);
    }
    default:
      return undefined;
  }
}

/** Repeated names get `_1`, `_2`… appended, never one that another field has. */
export function distinctNames(names: readonly string[]): string[] {
  const given: string[] = [];
  for (const name of names) {
    let distinct = name;
    for (let suffix = 1; given.includes(distinct) || (distinct !== name && names.includes(distinct)); suffix++)
      distinct = `${name}_${suffix}`;
    given.push(distinct);
  }
  return given;
}

function expectedPlain(type: TypeDescription, value: Neutral): unknown {
  const text = value as string;
  switch (type.kind) {
    case 'int64':
    case 'uint64':
    case 'duration':
      return BigInt(text);
    case 'date32':
      return isoText(BigInt(text) * MS_OF_DAY, 'ms').slice(0, -'T00:00:00.000'.length);
    case 'date64':
      return isoText(BigInt(text), 'ms').replace(/T00:00:00\.000$/, '');
    case 'time32':
    case 'time64':
      return isoText(BigInt(text), type.unit ?? 's').slice('1970-01-01T'.length);
    case 'timestamp':
      return isoText(BigInt(text), type.unit ?? 's') + (type.zone ? 'Z' : '');
    case 'interval_months':
      return { months: Number(text) };
    case 'interval_day_time': {
      const [days, milliseconds] = (value as string[]).map(Number);
      return { days, milliseconds };
    }
    case 'interval_month_day_nano': {
      const [months, days, nanoseconds] = value as string[];
      return { months: Number(months), days: Number(days), nanoseconds: BigInt(nanoseconds as string) };
    }
  }
  if (type.kind.includes('binary')) return new Uint8Array(Buffer.from(text, 'hex'));
  if (type.kind.startsWith('float')) return floatOfBits(Number(type.kind.slice('float'.length)), text);
  return type.kind.includes('int') ? Number(text) : value;
}

function floatOfBits(bits: number, hex: string): number {
  const words = new DataView(new ArrayBuffer(8));
  words.setBigUint64(0, BigInt(`0x${hex}`));
  if (bits === 64) return words.getFloat64(0);
  if (bits === 32) return words.getFloat32(4);
  return halfOfBits(words.getUint16(6));
}

function halfOfBits(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14);
}

/**
 * ISO 8601 of a count of units since 1970, with all digits of the unit. `Date` gives the calendar, after a move by whole 400-year cycles into
 * the years that it knows.
 */
function isoText(count: bigint, unit: 's' | 'ms' | 'us' | 'ns'): string {
  const digits = FRACTION_DIGITS[unit];
  const perSecond = 10n ** BigInt(digits);
  const seconds = floorDivide(count, perSecond);
  const fraction = digits === 0 ? '' : `.${String(count - seconds * perSecond).padStart(digits, '0')}`;
  const cycle = DAYS_OF_400_YEARS * 86_400n;
  const cycles = floorDivide(seconds, cycle);
  const moved = new Date(Number((seconds - cycles * cycle) * 1000n));
  const year = BigInt(moved.getUTCFullYear()) + 400n * cycles;
  return `${yearText(year)}${moved.toISOString().slice(4, 19)}${fraction}`;
}

function yearText(year: bigint): string {
  if (year >= 0n && year <= 9999n) return String(year).padStart(4, '0');
  const digits = String(year < 0n ? -year : year);
  return `${year < 0n ? '-' : '+'}${digits.padStart(6, '0')}`;
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}
