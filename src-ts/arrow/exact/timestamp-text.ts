import { Buffer } from 'node:buffer';
import { TEXT_BYTES, UNITS_PER_SECOND, writeClock } from './clock-text.js';
import { dateText } from './date-text.js';

const SECONDS_PER_DAY = 86_400;
/** |high word| below which a 64-bit integer is exact as a number. */
const SAFE_HIGH = 0x20_0000;
const Z = 0x5a;

/**
 * Writes 64-bit counts of a time unit since 1970-01-01T00:00:00 as ISO 8601, with all decimals of the unit.
 *
 * The integers come as two words of 32 bits and stay numbers: formatting through bigint takes several times as long.
 * Neighbours in a column are often of one day, so the date is written once for them.
 */
export class TimestampWriter {
  readonly #unit: number;
  readonly #perSecond: number;
  readonly #zoned: boolean;
  /** The text of the last value, whose date is left where the next one is of the same day. */
  readonly #text = Buffer.alloc(TEXT_BYTES);
  #day = Number.NaN;
  #clockAt = 0;

  /** @param zoned - whether the column has a time zone: its values are instants, and are written in UTC with a `Z`. */
  constructor(unit: number, zoned: boolean) {
    this.#unit = unit;
    this.#perSecond = UNITS_PER_SECOND[unit] as number;
    this.#zoned = zoned;
  }

  text(low: number, high: number): string {
    const perSecond = this.#perSecond;
    let seconds: number;
    let fraction: number;
    const approximate = high * 0x1_0000_0000 + (low >>> 0);
    if (high >= -SAFE_HIGH && high < SAFE_HIGH) {
      seconds = Math.floor(approximate / perSecond);
      fraction = approximate - seconds * perSecond;
    } else if (perSecond >= 1e6) {
      // The quotient is off by one at most, and the remainder then is within 32 bits, where it is exact.
      seconds = Math.floor(approximate / perSecond);
      fraction = (low - Math.imul(seconds | 0, perSecond)) | 0;
      if (fraction < 0) {
        seconds--;
        fraction += perSecond;
      } else if (fraction >= perSecond) {
        seconds++;
        fraction -= perSecond;
      }
    } else {
      return this.#farText((BigInt(high) << 32n) | BigInt(low >>> 0));
    }
    const day = Math.floor(seconds / SECONDS_PER_DAY);
    return this.#write(day, seconds - day * SECONDS_PER_DAY, fraction);
  }

  /** Seconds and milliseconds beyond 2^53: hundreds of thousands of years away, whose days are a safe number again. */
  #farText(count: bigint): string {
    const perSecond = BigInt(this.#perSecond);
    const perDay = perSecond * BigInt(SECONDS_PER_DAY);
    let day = count / perDay;
    if (day * perDay > count) day--;
    const rest = count - day * perDay;
    return this.#write(Number(day), Number(rest / perSecond), Number(rest % perSecond));
  }

  #write(day: number, secondOfDay: number, fraction: number): string {
    if (day !== this.#day) {
      this.#day = day;
      this.#clockAt = this.#text.write(`${dateText(day)}T`, 'latin1');
    }
    let end = writeClock(this.#text, this.#clockAt, secondOfDay, fraction, this.#unit);
    if (this.#zoned) this.#text[end++] = Z;
    return this.#text.toString('latin1', 0, end);
  }
}
