/** Help that did not help is given again after longer and longer pauses, up to this one. */
const LONGEST_PAUSE_MS = 300_000;
const FACTOR = 2;

/** How a partition stands: how far it was when it was last seen to go on, and since when it has not. */
export class Standing {
  /** The last one that was known. */
  position: number | undefined;
  sinceMs: number;
  /** It was told. */
  isStalled = false;
  #helpedAtMs: number | undefined;
  #pauseMs = 0;

  constructor(position: number | undefined, nowMs: number) {
    this.position = position;
    this.sinceMs = nowMs;
  }

  /** It is lively. Returns how long it was not, if that was told. */
  goesOn(position: number | undefined, nowMs: number): number | undefined {
    const afterMs = this.isStalled ? nowMs - this.sinceMs : undefined;
    this.position = position ?? this.position;
    this.sinceMs = nowMs;
    this.isStalled = false;
    this.#helpedAtMs = undefined;
    return afterMs;
  }

  /** True once for each stall. */
  hasStalled(nowMs: number, patienceMs: number): boolean {
    if (this.isStalled || nowMs - this.sinceMs < patienceMs) return false;
    this.isStalled = true;
    return true;
  }

  /** True when the stall begins, and from time to time while it lasts. */
  needsHelp(nowMs: number, patienceMs: number): boolean {
    if (!this.isStalled) return false;
    if (this.#helpedAtMs === undefined) this.#pauseMs = patienceMs;
    else if (nowMs - this.#helpedAtMs < this.#pauseMs) return false;
    else this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * FACTOR);
    this.#helpedAtMs = nowMs;
    return true;
  }
}
