interface Listeners {
  readonly all: Set<(reason: Error) => void>;
  readonly fire: () => void;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls back when the signal aborts, which it has not yet; returns how to stop that. A signal that a caller shares among many calls gets
 * one listener of ours, whatever waits for it: Node warns of a leak at the eleventh.
 */
export function onAbort(signal: AbortSignal, listener: (reason: Error) => void): () => void {
  const listeners = listenersOf.get(signal) ?? listen(signal);
  // Unlike any other, also when the same function comes twice.
  const own = (reason: Error): void => listener(reason);
  listeners.all.add(own);
  return () => {
    listeners.all.delete(own);
    if (listeners.all.size > 0 || listenersOf.get(signal) !== listeners) return;
    listenersOf.delete(signal);
    signal.removeEventListener("abort", listeners.fire);
  };
}

/** An abort without a reason has Node's own, an `AbortError`; whatever a caller gave as one is passed on as it is. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason), { cause: reason });
}

function listen(signal: AbortSignal): Listeners {
  const all = new Set<(reason: Error) => void>();
  const fire = (): void => {
    listenersOf.delete(signal);
    for (const listener of all) listener(abortReason(signal));
  };
  signal.addEventListener("abort", fire, { once: true });
  const listeners = { all, fire };
  listenersOf.set(signal, listeners);
  return listeners;
}
