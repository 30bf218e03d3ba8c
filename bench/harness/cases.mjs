export const SERVERS = ['rust', 'pyarrow', 'arrow-go'];
export const SHAPES = ['numeric', 'mixed', 'views'];
export const BATCH_ROWS = [1_024, 8_192, 65_536];
export const MODES = ['stream', 'table'];

/** The part of a run's bytes that smaller batches get: they are slower, and the mean is steady sooner. */
const SHARE_OF_BYTES = { 1024: 0.25, 8192: 0.5, 65536: 1 };

/** What is read and checked before anything is measured, of a run's bytes. */
const SHARE_OF_WARMUP = 0.2;

/** Every combination that the options ask for, in the order in which they are measured. */
export function planCases(options) {
  const cases = [];
  for (const server of options.servers) {
    for (const shape of options.shapes) {
      for (const rows of options.rows) {
        for (const mode of options.modes) {
          const bytes = Math.round(options.bytes * SHARE_OF_BYTES[rows]);
          const name = `${server}/${shape}/${rows}/${mode}`;
          cases.push({ name, server, shape, rows, mode, bytes, warmupBytes: Math.round(bytes * SHARE_OF_WARMUP) });
        }
      }
    }
  }
  return cases.filter(({ name }) => options.filters.every((text) => name.includes(text)));
}

/** What a right client reads of a query, when the server's batches have bodies of `bodyBytes`. */
export function expectation(rows, bytes, bodyBytes) {
  const batches = Math.max(1, Math.ceil(bytes / bodyBytes));
  return { rows: rows * batches, bytes: bodyBytes * batches, checksum: String(checksum(rows, batches)) };
}

/** The sum of the `id` column, row × 2654435761 + 7 in every batch, with a wrap at 64 bits. */
function checksum(rows, batches) {
  const count = BigInt(rows);
  const batch = (2_654_435_761n * count * (count - 1n)) / 2n + 7n * count;
  return BigInt.asIntN(64, batch * BigInt(batches));
}
