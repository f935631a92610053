import { describe, expect, it } from "vitest";
import { live } from "./life.ts";
import { ROUNDS, SEED, TIMEOUT_MS } from "./rounds.ts";

const STEPS = 400;
const LIVES = 4 * ROUNDS;

describe("a cluster that random clients and events befall", () => {
  it("keeps its invariants at every step, and comes to rest", { timeout: TIMEOUT_MS }, async () => {
    const accepted = new Map<string, number>();
    for (let seed = SEED; seed < SEED + LIVES; seed++) {
      const life = await live(seed, STEPS);
      expect(life.problems, `seed ${seed}`).toEqual([]);
      for (const [api, count] of life.accepted) accepted.set(api, (accepted.get(api) ?? 0) + count);
    }
    // Not all of it was refused.
    for (const api of ["a batch", "EndTxn", "ConsumerGroupHeartbeat", "JoinGroup", "TxnOffsetCommit", "DeleteTopics"]) {
      expect(accepted.get(api), api).toBeGreaterThan(LIVES / 4);
    }
  });

  it("lives the same life twice from the same seed: the same journal, byte for byte", { timeout: TIMEOUT_MS }, async () => {
    for (let seed = SEED + 1000; seed < SEED + 1000 + ROUNDS; seed++) {
      const { journal } = await live(seed, STEPS);
      expect(journal.length).toBeGreaterThan(10_000);
      expect((await live(seed, STEPS)).journal === journal, `seed ${seed}`).toBe(true);
    }
  });
});
