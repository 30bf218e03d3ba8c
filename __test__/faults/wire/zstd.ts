// Zstandard frames that say much in little: runs of one byte, four bytes a run.

const LONGEST_RUN = 128 << 10;

/** A frame of `length` times `byte`. */
export function zstdRun(length: number, byte = 0): Uint8Array {
  // Magic, a frame header without a content size, and a window of 128 KiB.
  const parts: number[] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
  for (let left = length; left > 0; left -= LONGEST_RUN) {
    const run = Math.min(left, LONGEST_RUN);
    const isLast = left <= LONGEST_RUN ? 1 : 0;
    const header = isLast | (1 << 1) | (run << 3);
    parts.push(header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, byte);
  }
  return Uint8Array.from(parts);
}
