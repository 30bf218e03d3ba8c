import type { NativeCancellation } from './binding-types.js';

/** What an aborted signal ends. */
type Cancellable = Pick<NativeCancellation, 'cancel'>;

// One listener a signal, however many calls share it: a program's one shutdown signal would otherwise collect a listener a query, and Node
// warns of a leak after ten.
const cancellations = new WeakMap<AbortSignal, Set<Cancellable>>();

/** Cancels `cancellation` when the signal is aborted. Returns what ends that, to be called when the call has ended. */
export function cancelOnAbort(signal: AbortSignal, cancellation: Cancellable): () => void {
  const waiting = cancellations.get(signal) ?? listenTo(signal);
  waiting.add(cancellation);
  return () => waiting.delete(cancellation);
}

function listenTo(signal: AbortSignal): Set<Cancellable> {
  const waiting = new Set<Cancellable>();
  cancellations.set(signal, waiting);
  signal.addEventListener(
    'abort',
    () => {
      for (const cancellation of waiting) cancellation.cancel();
      waiting.clear();
    },
    { once: true },
  );
  return waiting;
}
