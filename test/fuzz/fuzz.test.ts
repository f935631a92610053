import { afterAll, describe, expect, it } from "vitest";
import { Coverage } from "./coverage.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";

// What is measured is imported after the counting has begun.
const coverage = new Coverage((url) => url.includes("/src/protocol/") || url.includes("/fuzz/planted-bug"));
const { targets } = await import("./targets.ts");
const { fuzz, problemOf } = await import("./fuzzer.ts");
const { readWithBug } = await import("./planted-bug.ts");
const { MalformedMessageError } = await import("../../src/protocol/malformed-message-error.ts");
afterAll(() => coverage.stop());

const SEED = 20_261_120;
const timeout = 60_000;

describe.each(targets.map((target) => [target.name, target] as const))("the fuzz target %s", (_name, target) => {
  it("throws nothing but KafkaErrors, and coverage leads beyond what the seeds reach", { timeout }, async () => {
    const result = await fuzz(target, coverage, { seed: SEED, mostSeeds: 40, isDone: (inputs) => inputs >= 200 });
    expect(result.findings).toEqual([]);
    expect(result.seedBlocks).toBeGreaterThan(0);
    expect(result.newBlocks).toBeGreaterThan(0);
    expect(result.kept).toBeGreaterThan(0);
  });
});

describe("the fuzzer", () => {
  const planted = { name: "planted", seeds: () => [new Uint8Array(8)], read: readWithBug };

  it("finds a planted bug behind three bytes, which it meets one by one", { timeout }, async () => {
    const result = await fuzz(planted, coverage, { seed: 1, isDone: (inputs) => inputs >= 4000 });
    expect(result.newBlocks).toBeGreaterThanOrEqual(2);
    expect(result.findings[0]).toMatchObject({ target: "planted", hex: expect.stringMatching(/^7f807f/) });
    expect(result.findings[0]?.problem).toMatch(/^TypeError: the planted bug/);
  });

  it("takes a KafkaError for an answer, and anything else for a finding", async () => {
    const problem = async (read: () => unknown): Promise<string | undefined> =>
      (await problemOf({ ...planted, read }, new Uint8Array(1))).problem;
    expect(
      await problem(() => {
        throw new MalformedMessageError("odd");
      }),
    ).toBeUndefined();
    expect(await problem(() => Promise.reject(new MalformedMessageError("odd")))).toBeUndefined();
    expect(await problem(() => Promise.reject(new RangeError("odd")))).toMatch(/^RangeError: odd/);
    expect(await problem(() => new Uint8Array(100 << 20))).toMatch(/bytes of memory$/);
  });

  it("makes the same inputs of the same seed", () => {
    const inputsOf = (seed: number): string[] => {
      const random = new Random(seed);
      const others = { other: Buffer.from("another input"), dictionary: [Buffer.from("word")] };
      return Array.from({ length: 50 }, () => Buffer.from(mutated(Buffer.from("an input"), random, others)).toString("hex"));
    };
    expect(inputsOf(5)).toEqual(inputsOf(5));
    expect(inputsOf(5)).not.toEqual(inputsOf(6));
    expect(new Set(inputsOf(5)).size).toBeGreaterThan(40);
  });
});
