import type { NativeBinding, NativeClient, NativeExport } from './native/binding-types.js';
import { Call } from './native/call.js';
import type { ExportProgress, ResolvedExport } from './options/export-options.js';

/** What an export wrote. */
export interface ExportSummary {
  readonly rows: bigint;
  /** The size of the file. */
  readonly bytes: bigint;
  /** Row groups of the Parquet file. */
  readonly rowGroups: number;
}

/** How often progress is told: seldom enough to cost nothing, often enough for the eye. */
const PROGRESS_MS = 100;

/** Runs an export in the core, of a query or of a FlightInfo message; no row enters JavaScript. */
export async function exportParquet(
  addon: Pick<NativeBinding, 'NativeCancellation'>,
  client: Pick<NativeClient, 'exportParquet'>,
  source: string | Uint8Array,
  options: ResolvedExport,
): Promise<ExportSummary> {
  const call = Call.begin(addon, options.call);
  let progress: Progress | null = null;
  try {
    const native = client.exportParquet(source, options.path, options.parquet, call.cancellable);
    if (options.onProgress !== null) progress = new Progress(native, call, options.onProgress);
    const { rows, bytes, rowGroups } = call.valueOrThrow(await native.finish());
    progress?.tell();
    return { rows, bytes, rowGroups: Number(rowGroups) };
  } finally {
    progress?.stop();
    call.end();
  }
}

/** Tells a callback how far an export has come. */
class Progress {
  readonly #export: NativeExport;
  readonly #onProgress: (progress: ExportProgress) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(native: NativeExport, call: Call, onProgress: (progress: ExportProgress) => void) {
    this.#export = native;
    this.#onProgress = onProgress;
    this.#timer = setInterval(() => {
      try {
        this.tell();
      } catch (error) {
        // Thrown on a timer it would end the process. It ends the export, and is what that rejects with.
        this.stop();
        call.cancel(() => error);
      }
    }, PROGRESS_MS);
  }

  tell(): void {
    this.#onProgress({ ...this.#export.progress() });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
