import { canonicalValue } from "../../../src/broker/journal/canonical-text.ts";
import type { Checker } from "./checker.ts";

const WINDOW_MS = 100;
/** The actors themselves pause between their calls; more than that is the library's own haste. */
const MOST_EQUAL_REQUESTS = 50;
/** Two lanes and the bootstrap, each with the shortest backoff that scenarios have. */
const MOST_DIALS = 20;

/** Counts events by key within the window; tells how many there are now. */
class Pace {
  readonly #times = new Map<string, number[]>();

  count(key: string, nowMs: number): number {
    const times = (this.#times.get(key) ?? []).filter((time) => time > nowMs - WINDOW_MS);
    times.push(nowMs);
    this.#times.set(key, times);
    return times.length;
  }
}

const requests: Checker = {
  rule: "nobody asks the same over and over without pause",
  watch: (world) => {
    // Bodies are costly to compare: first it takes many requests of one size.
    const [pace, exactPace] = [new Pace(), new Pace()];
    return {
      onEntry: ({ kind, api = "", clientId = "", body, sizeInBytes }) => {
        if (kind !== "request") return;
        const nowMs = world.clock.monotonic();
        if (pace.count(`${clientId} ${api} ${sizeInBytes}`, nowMs) <= MOST_EQUAL_REQUESTS) return;
        const count = exactPace.count(`${clientId} ${api} ${canonicalValue(body)}`, nowMs);
        if (count !== MOST_EQUAL_REQUESTS + 1) return;
        world.violate(
          requests.rule,
          `${clientId} sent ${count} equal ${api} requests within ${WINDOW_MS} ms, after as many others`,
        );
      },
      atRest: () => {
        for (const loop of world.broker.journal.hotLoops) world.violate(requests.rule, canonicalValue(loop));
      },
    };
  },
};

const dials: Checker = {
  rule: "nobody connects over and over without pause",
  watch: (world) => {
    const pace = new Pace();
    return {
      onDial: (clientId, address) => {
        const count = pace.count(`${clientId} ${address}`, world.clock.monotonic());
        if (count === MOST_DIALS + 1)
          world.violate(dials.rule, `${clientId} dialled ${address} ${count} times within ${WINDOW_MS} ms`);
      },
    };
  },
};

export const paceCheckers: readonly Checker[] = [requests, dials];
