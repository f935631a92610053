// Consume, transform, produce in transactions, on the embedded broker: three levels of groups whose members join, leave and die.

import { describe, expect, it } from "vitest";
import { EmbeddedGround } from "./embedded-ground.ts";
import type { EtlPlant, EtlProtocol } from "./etl-plan.ts";
import { checksOf, figuresOf } from "./etl-report.ts";
import { runEtl } from "./etl-run.ts";

const RECORDS = { count: 50_000, keys: 500 };
const FEW = { count: 10_000, keys: 100 };
const ACTS = 24;
const BLOWS = 6;

interface Wanted {
  readonly protocol: EtlProtocol;
  readonly seed: number;
  readonly records: typeof RECORDS;
  readonly plant?: EtlPlant;
}

/** The rules that were broken, and what is left over. */
async function broken({ protocol, seed, records, plant }: Wanted): Promise<readonly string[]> {
  const ground = await EmbeddedGround.start(seed);
  const protocols = [protocol, protocol, protocol];
  const result = await ground.when(runEtl(ground, { seed, records, protocols, acts: ACTS, blows: BLOWS, plant }));
  console.info(figuresOf(result).join("\n"));
  const rules = checksOf(result).flatMap(({ rule, isKept, figures }) => (isKept ? [] : [`${rule} (${figures})`]));
  return [...rules, ...(await ground.close())];
}

describe("consume, transform, produce over three levels, while members join, leave, die, freeze and are too slow", () => {
  it.each([
    ["range", 1],
    ["cooperative-sticky", 2],
    ["consumer", 3],
  ] as const)("loses nothing, doubles nothing and keeps the order of each key: %s", async (protocol, seed) => {
    expect(await broken({ protocol, seed, records: RECORDS })).toEqual([]);
  });

  it("shows offsets that are committed outside of the transaction", async () => {
    const rules = await broken({ protocol: "range", seed: 1, records: FEW, plant: "outside" });
    expect(rules).toContainEqual(expect.stringMatching(/^nothing is (?:lost|doubled)/));
  });

  it("shows that what is not committed is read", async () => {
    const rules = await broken({ protocol: "consumer", seed: 1, records: FEW, plant: "uncommitted" });
    expect(rules).toContainEqual(expect.stringMatching(/^nothing is doubled/));
  });
});
