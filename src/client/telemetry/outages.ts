/** How often something has failed by now, and whether this time is worth telling. */
export interface Failure {
  /** The first, the first for this reason, or the first in a while; the others are the same again. */
  readonly isNews: boolean;
  /** This one included. */
  readonly count: number;
  readonly forMs: number;
}

interface Outage {
  readonly beganMs: number;
  readonly reasons: Set<string>;
  count: number;
  toldMs: number;
  lastMs: number;
}

/** How long the same again and again is not told; what does not happen again for so long is over. */
const REMIND_AFTER_MS = 5 * 60_000;

/** Reasons may quote numbers of a hostile broker; what is remembered of them has an end. */
const MOST_REASONS = 16;
const MOST_OUTAGES = 1000;

/**
 * What is failing at the moment, by its name. Whatever fails is tried again many times: a log that tells each time is one that nobody
 * reads, so it tells when something begins to fail, why, that it still does, and that it is over.
 */
export class Outages {
  readonly #outages = new Map<string, Outage>();

  failed(what: string, reason: string, nowMs: number): Failure {
    const known = this.#outages.get(what);
    const outage = known === undefined || nowMs - known.lastMs >= REMIND_AFTER_MS ? this.#begin(what, nowMs) : known;
    const isFirst = outage.count === 0;
    const isNewReason = !outage.reasons.has(reason) && outage.reasons.size < MOST_REASONS;
    const isNews = isFirst || isNewReason || nowMs - outage.toldMs >= REMIND_AFTER_MS;
    outage.count++;
    outage.lastMs = nowMs;
    if (isNewReason) outage.reasons.add(reason);
    if (isNews) outage.toldMs = nowMs;
    return { isNews, count: outage.count, forMs: nowMs - outage.beganMs };
  }

  /** What is over now; undefined if nothing was wrong. */
  recovered(what: string, nowMs: number): Omit<Failure, "isNews"> | undefined {
    const outage = this.#outages.get(what);
    if (outage === undefined) return undefined;
    this.#outages.delete(what);
    return { count: outage.count, forMs: nowMs - outage.beganMs };
  }

  #begin(what: string, nowMs: number): Outage {
    this.#outages.delete(what);
    if (this.#outages.size >= MOST_OUTAGES) {
      const [oldest] = this.#outages.keys();
      if (oldest !== undefined) this.#outages.delete(oldest);
    }
    const outage: Outage = { beganMs: nowMs, reasons: new Set(), count: 0, toldMs: nowMs, lastMs: nowMs };
    this.#outages.set(what, outage);
    return outage;
  }
}
