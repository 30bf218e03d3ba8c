/**
 * Decimals as Arrow stores them: a two's complement integer of 1, 2, 4 or 8 words of 32 bits, lowest first, to be read as
 * `integer × 10^-scale`.
 */

/** The unscaled integer at `row`. */
export function unscaledInteger(words: Uint32Array, width: number, row: number): bigint {
  const at = row * width;
  const small = safeInteger(words, width, at);
  return small === undefined ? bigInteger(words, width, at) : BigInt(small);
}

/** The value at `row` as text, with exactly `scale` digits after the point where the scale is positive. */
export function decimalText(words: Uint32Array, width: number, row: number, scale: number): string {
  const at = row * width;
  const small = safeInteger(words, width, at);
  if (small !== undefined) return small < 0 ? `-${withPoint(String(-small), scale)}` : withPoint(String(small), scale);
  const big = bigInteger(words, width, at);
  return big < 0n ? `-${withPoint(String(-big), scale)}` : withPoint(String(big), scale);
}

/** The integer where a number holds it exactly: most do, and bigint arithmetic costs several times as much. */
function safeInteger(words: Uint32Array, width: number, at: number): number | undefined {
  const low = words[at] as number;
  if (width === 1) return low | 0;
  const high = (words[at + 1] as number) | 0;
  if (high < -0x20_0000 || high >= 0x20_0000) return undefined;
  const sign = (high >> 31) >>> 0;
  for (let i = 2; i < width; i++) if (words[at + i] !== sign) return undefined;
  return high * 0x1_0000_0000 + low;
}

function bigInteger(words: Uint32Array, width: number, at: number): bigint {
  let value = BigInt((words[at + width - 1] as number) | 0);
  for (let i = width - 2; i >= 0; i--) value = (value << 32n) | BigInt(words[at + i] as number);
  return value;
}

function withPoint(digits: string, scale: number): string {
  if (scale === 0) return digits;
  if (scale < 0) return digits === '0' ? digits : digits + '0'.repeat(-scale);
  if (digits.length <= scale) return `0.${digits.padStart(scale, '0')}`;
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
