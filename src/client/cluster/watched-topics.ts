/** Which topics matter to somebody: those are asked for, kept and refreshed, and no others. */

interface Watch {
  /** How many have said that they need it until they say otherwise. */
  holders: number;
  /** When it was last needed by somebody in passing. */
  usedAtMs: number;
  /** When an answer last told of it; -Infinity for never. */
  answeredAtMs: number;
}

/** Java's `metadata.max.idle.ms`: what nobody has needed for so long is no longer refreshed. */
const IDLE_MS = 300_000;

export class WatchedTopics {
  readonly #watches = new Map<string, Watch>();

  /** Until the function that is returned is called. */
  hold(topic: string, nowMs: number): () => void {
    const watch = this.#watch(topic, nowMs);
    watch.holders++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      watch.holders--;
    };
  }

  /** For some minutes from now. */
  use(topic: string, nowMs: number): void {
    this.#watch(topic, nowMs).usedAtMs = nowMs;
  }

  has(topic: string): boolean {
    return this.#watches.has(topic);
  }

  get names(): Iterable<string> {
    return this.#watches.keys();
  }

  get size(): number {
    return this.#watches.size;
  }

  answered(topic: string, nowMs: number): void {
    const watch = this.#watches.get(topic);
    if (watch !== undefined) watch.answeredAtMs = nowMs;
  }

  isFresh(topic: string, sinceMs: number): boolean {
    return (this.#watches.get(topic)?.answeredAtMs ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  }

  dropIdle(nowMs: number): void {
    for (const [topic, { holders, usedAtMs }] of this.#watches) {
      if (holders === 0 && nowMs - usedAtMs >= IDLE_MS) this.#watches.delete(topic);
    }
  }

  #watch(topic: string, nowMs: number): Watch {
    let watch = this.#watches.get(topic);
    if (watch === undefined) {
      watch = { holders: 0, usedAtMs: nowMs, answeredAtMs: Number.NEGATIVE_INFINITY };
      this.#watches.set(topic, watch);
    }
    return watch;
  }
}
