import { describe, expect, it } from "vitest";
import { type Random, seededRandom, systemRandom } from "./random.ts";

const sample = (random: Random): readonly unknown[] => [
  random.next(),
  random.integer(1000),
  random.uuid(),
  random.javaUuid(),
  ...random.bytes(4),
];

describe("chance", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(sample(seededRandom(7))).toEqual(sample(seededRandom(7)));
    expect(sample(seededRandom(7))).not.toEqual(sample(seededRandom(8)));
    expect(sample(seededRandom(7))).not.toEqual(sample(seededRandom(-7)));
  });

  it("stays within its bounds and reaches all of them", () => {
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 1000 }, () => random.integer(10)));
    expect([...seen].sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each([["seeded", seededRandom(3)] as const, ["system", systemRandom] as const])(
    "%s: gives uuids in Kafka's and in Java's spelling",
    (_name, random) => {
      for (let round = 0; round < 200; round++) {
        expect(random.uuid()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
        expect(random.javaUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }
    },
  );
});
