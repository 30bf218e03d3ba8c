import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { decimalBigInt, decimalString, timestampBigInt, timestampISO, timestampNanos } from '../../src-ts/arrow/index.js';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

function decimals(bits: number, scale: number, unscaled: readonly bigint[]): arrow.Vector {
  const words = bits / 32;
  const data = Uint32Array.from({ length: unscaled.length * words }, (_, i) => {
    const value = unscaled[Math.floor(i / words)] as bigint;
    return Number(BigInt.asUintN(32, value >> BigInt(32 * (i % words))));
  });
  return new arrow.Vector([arrow.makeData({ type: new arrow.Decimal(scale, 76, bits), data }) as arrow.Data]);
}

function timestamps(unit: arrow.TimeUnit, zone: string | null, counts: readonly bigint[], nullBitmap?: Uint8Array): arrow.Vector {
  const type = new arrow.Timestamp(unit, zone);
  return new arrow.Vector([
    arrow.makeData({ type, data: BigInt64Array.from(counts), ...(nullBitmap ? { nullBitmap } : {}) }) as arrow.Data,
  ]);
}

const iso = (unit: arrow.TimeUnit, count: bigint, zone: string | null = null): string | null =>
  timestampISO(timestamps(unit, zone, [count]), 0);
const { SECOND, MILLISECOND, MICROSECOND, NANOSECOND } = arrow.TimeUnit;

/** ISO text by exact arithmetic and Date. */
function isoOf(unit: number, value: bigint): string {
  const per = 10n ** BigInt(3 * unit);
  const fraction = ((value % per) + per) % per;
  const seconds = (value - fraction) / per;
  // The calendar repeats every 400 years, so that a Date can tell the rest.
  const eraSeconds = 146_097n * 86_400n;
  const inEra = ((seconds % eraSeconds) + eraSeconds) % eraSeconds;
  const date = new Date(Number(inEra) * 1000);
  const year = BigInt(date.getUTCFullYear()) + ((seconds - inEra) / eraSeconds) * 400n;
  const magnitude = String(year < 0n ? -year : year);
  const yearText = year >= 0n && year <= 9999n ? magnitude.padStart(4, '0') : `${year < 0n ? '-' : '+'}${magnitude.padStart(6, '0')}`;
  return `${yearText}${date.toISOString().slice(4, 19)}${unit === 0 ? '' : `.${String(fraction).padStart(3 * unit, '0')}`}`;
}

describe('decimalString', () => {
  const cases: readonly [unscaled: bigint, scale: number, text: string][] = [
    [0n, 0, '0'],
    [0n, 2, '0.00'],
    [0n, -3, '0'],
    [5n, 2, '0.05'],
    [-5n, 2, '-0.05'],
    [123n, 2, '1.23'],
    [-12345n, 2, '-123.45'],
    [100n, 2, '1.00'],
    [-456n, -2, '-45600'],
    [7n, 5, '0.00007'],
    [-1n, 0, '-1'],
  ];
  for (const [unscaled, scale, text] of cases) {
    it(`writes ${unscaled} of scale ${scale} as ${text}, in every width`, () => {
      for (const bits of [32, 64, 128, 256]) {
        assert.equal(decimalString(decimals(bits, scale, [unscaled]), 0), text);
        assert.equal(decimalBigInt(decimals(bits, scale, [unscaled]), 0), unscaled);
      }
    });
  }

  it('is exact at both ends of every width', () => {
    for (const bits of [32, 64, 128, 256]) {
      for (const unscaled of [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]) {
        assert.equal(decimalString(decimals(bits, 0, [unscaled]), 0), String(unscaled));
        assert.equal(decimalBigInt(decimals(bits, 0, [unscaled]), 0), unscaled);
      }
    }
  });

  it('is exact around the powers of two where the arithmetic changes', () => {
    for (const power of [31n, 32n, 52n, 53n, 54n, 63n, 64n, 96n, 127n]) {
      for (const near of [-1n, 0n, 1n]) {
        for (const sign of [1n, -1n]) {
          const unscaled = sign * 2n ** power + near;
          assert.equal(decimalBigInt(decimals(256, 0, [unscaled]), 0), unscaled);
          assert.equal(decimalString(decimals(256, 0, [unscaled]), 0), String(unscaled));
        }
      }
    }
  });

  it('is the unscaled integer with the point put in, for any integer and scale', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(32, 64, 128, 256),
        fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
        fc.integer({ min: 0, max: 80 }),
        (bits, any, scale) => {
          const unscaled = BigInt.asIntN(bits, any);
          const text = decimalString(decimals(bits, scale, [unscaled]), 0) as string;
          const [, decimals10 = ''] = text.split('.');
          assert.equal(decimals10.length, scale);
          assert.equal(BigInt(text.replace('.', '')), unscaled);
          assert.match(text, /^-?(0|[1-9]\d*)(\.\d+)?$/);
        },
      ),
    );
  });
});

describe('timestampISO', () => {
  it('has the decimals of the unit, all of them', () => {
    assert.equal(iso(SECOND, 1704164645n), '2024-01-02T03:04:05');
    assert.equal(iso(MILLISECOND, 1704164645120n), '2024-01-02T03:04:05.120');
    assert.equal(iso(MICROSECOND, 1704164645000001n), '2024-01-02T03:04:05.000001');
    assert.equal(iso(NANOSECOND, 1704164645123456789n), '2024-01-02T03:04:05.123456789');
  });

  it('has a Z where the column has a zone, whichever, and none elsewhere', () => {
    assert.equal(iso(SECOND, 0n, 'UTC'), '1970-01-01T00:00:00Z');
    assert.equal(iso(SECOND, 0n, 'America/New_York'), '1970-01-01T00:00:00Z');
    assert.equal(iso(SECOND, 0n, ''), '1970-01-01T00:00:00');
  });

  it('is right before 1970', () => {
    assert.equal(iso(NANOSECOND, -1n), '1969-12-31T23:59:59.999999999');
    assert.equal(iso(MILLISECOND, -62135596800001n), '0000-12-31T23:59:59.999');
    assert.equal(iso(SECOND, -86_400n), '1969-12-31T00:00:00');
  });

  it('is right on leap days and at the ends of centuries', () => {
    for (const text of [
      '2000-02-29T12:00:00',
      '1900-03-01T00:00:00',
      '1900-02-28T23:59:59',
      '2100-02-28T23:59:59',
      '0000-02-29T00:00:00',
      '0000-03-01T00:00:00',
    ]) {
      assert.equal(iso(SECOND, BigInt(Date.parse(`${text}Z`) / 1000)), text);
    }
  });

  it('writes years outside 0–9999 with a sign and six digits or more', () => {
    assert.equal(iso(SECOND, 253402300800n), '+010000-01-01T00:00:00');
    assert.equal(iso(SECOND, -62167219201n), '-000001-12-31T23:59:59');
    assert.equal(iso(MILLISECOND, 8640000000000000n, 'UTC'), '+275760-09-13T00:00:00.000Z');
    assert.equal(iso(MILLISECOND, -8640000000000000n), '-271821-04-20T00:00:00.000');
  });

  it('is right at both ends of 64 bits', () => {
    assert.equal(iso(NANOSECOND, MIN), '1677-09-21T00:12:43.145224192');
    assert.equal(iso(NANOSECOND, MAX), '2262-04-11T23:47:16.854775807');
    assert.equal(iso(MICROSECOND, MIN), '-290308-12-21T19:59:05.224192');
    assert.equal(iso(MICROSECOND, MAX), '+294247-01-10T04:00:54.775807');
    assert.equal(iso(MILLISECOND, MIN), '-292275055-05-16T16:47:04.192');
    assert.equal(iso(MILLISECOND, MAX), '+292278994-08-17T07:12:55.807');
    assert.equal(iso(SECOND, MIN), '-292277022657-01-27T08:29:52');
    assert.equal(iso(SECOND, MAX), '+292277026596-12-04T15:30:07');
  });

  it('agrees with exact arithmetic for any count of any unit', () => {
    const count = fc.oneof(
      fc.bigInt({ min: MIN, max: MAX }),
      fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
      fc.bigInt({ min: -86401000000001n, max: 86401000000001n }),
    );
    fc.assert(
      fc.property(fc.nat(3), count, (unit, value) => assert.equal(iso(unit, value), isoOf(unit, value))),
      { numRuns: 2000 },
    );
  });

  it('is right around whole seconds, where a quotient of numbers is rounded to the wrong one', () => {
    const perSecond = [1n, 1000n, 1000000n, 1000000000n];
    const second = fc
      .tuple(fc.nat(3), fc.bigInt({ min: MIN, max: MAX }))
      .map(([unit, count]) => ({ unit, per: perSecond[unit] as bigint, count }));
    fc.assert(
      fc.property(second, ({ unit, per, count }) => {
        // Halfway between two numbers, if there are such whole seconds.
        for (const whole of [(count / per) * per, (count / per / 16n) * 16n * per + 8n * per]) {
          for (const near of [-1n, 0n, 1n])
            assert.equal(iso(unit, BigInt.asIntN(64, whole + near)), isoOf(unit, BigInt.asIntN(64, whole + near)));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on the value read before', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: MIN, max: MAX }), { minLength: 1 }), (counts) => {
        const vector = timestamps(MICROSECOND, null, counts);
        const together = counts.map((_, i) => timestampISO(vector, i));
        assert.deepEqual(
          together,
          counts.map((value) => iso(MICROSECOND, value)),
        );
      }),
    );
  });
});

describe('timestampBigInt and timestampNanos', () => {
  it('give the count in the unit of the column, and in nanoseconds', () => {
    assert.equal(timestampBigInt(timestamps(MICROSECOND, null, [-7n]), 0), -7n);
    assert.equal(timestampNanos(timestamps(NANOSECOND, null, [MIN]), 0), MIN);
    assert.equal(timestampNanos(timestamps(MICROSECOND, null, [-7n]), 0), -7_000n);
    assert.equal(timestampNanos(timestamps(MILLISECOND, null, [7n]), 0), 7_000_000n);
    assert.equal(timestampNanos(timestamps(SECOND, null, [MAX]), 0), MAX * 1_000_000_000n);
  });
});

describe('an exact accessor', () => {
  const accessors = { decimalBigInt, decimalString, timestampBigInt, timestampNanos, timestampISO };
  const vectors = (name: string): arrow.Vector =>
    name.startsWith('decimal') ? decimals(128, 2, [1n, 2n, 3n]) : timestamps(SECOND, null, [1n, 2n, 3n]);

  for (const [name, read] of Object.entries(accessors)) {
    it(`${name} gives null for null`, () => {
      const [data] = vectors(name).data;
      const nulled = arrow.makeData({
        type: data?.type,
        length: 3,
        data: data?.values,
        nullBitmap: Uint8Array.of(0b101),
      } as never) as arrow.Data;
      const vector = new arrow.Vector([nulled]);
      assert.deepEqual([read(vector, 1), read(vector, 0) !== null], [null, true]);
    });

    it(`${name} refuses vectors of other types, naming them`, () => {
      const refusal = { name: 'TypeError', message: new RegExp(`${name}.*Int32`) };
      assert.throws(() => read(arrow.vectorFromArray([1], new arrow.Int32()), 0), refusal);
    });

    it(`${name} refuses indices outside the vector`, () => {
      for (const index of [-1, 3, 0.5, Number.NaN])
        assert.throws(() => read(vectors(name), index), { name: 'RangeError', message: /length 3/ });
    });
  }

  it('looks through chunks, also empty ones', () => {
    const chunks = [[], [10n], [], [20n, 30n], [40n], []].flatMap((values) => decimals(64, 1, values).data);
    const vector = new arrow.Vector(chunks);
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => decimalString(vector, i)),
      ['1.0', '2.0', '3.0', '4.0'],
    );
  });

  it('looks through slices', () => {
    const counts = [1n, 2n, 3n, 4n, 5n];
    const whole = timestamps(SECOND, null, counts, Uint8Array.of(0b10111));
    const slice = whole.slice(2, 5);
    assert.deepEqual(
      [0, 1, 2].map((i) => timestampBigInt(slice, i)),
      [3n, null, 5n],
    );
    const chunked = whole.concat(whole).slice(3, 8);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((i) => timestampBigInt(chunked, i)),
      [null, 5n, 1n, 2n, 3n],
    );
  });

  it('looks through dictionaries', () => {
    const dictionary = new arrow.Vector([...decimals(128, 2, [150n]).data, ...decimals(128, 2, [250n]).data]);
    const type = new arrow.Dictionary(dictionary.type, new arrow.Int8());
    const vector = new arrow.Vector([
      arrow.makeData({ type, data: Int8Array.of(1, 0, 1), nullBitmap: Uint8Array.of(0b011), dictionary } as never) as arrow.Data,
    ]);
    assert.deepEqual(
      [0, 1, 2].map((i) => decimalString(vector, i)),
      ['2.50', '1.50', null],
    );
  });
});
