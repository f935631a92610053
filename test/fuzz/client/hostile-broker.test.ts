import { expect, it } from "vitest";
import { ROUNDS, SEED, TIMEOUT_MS } from "../broker/rounds.ts";
import { playRound } from "./round.ts";

const LIVES = 40;

it("lies of a broker end in results or KafkaErrors, in time, and in nothing else", { timeout: TIMEOUT_MS }, async () => {
  const found: string[] = [];
  let answered = 0;
  let failed = 0;
  for (let seed = SEED * 1_000_000; seed < SEED * 1_000_000 + LIVES * ROUNDS; seed++) {
    const result = await playRound(seed);
    answered += result.answered;
    failed += result.failed;
    for (const problem of result.problems) found.push(`seed ${seed}: ${problem}`);
  }
  expect(found).toEqual([]);
  // Lies that stop everything, or nothing, would prove little.
  expect(answered).toBeGreaterThan(LIVES);
  expect(failed).toBeGreaterThan(LIVES);
});
