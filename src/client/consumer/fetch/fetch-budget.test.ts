import { describe, expect, it } from "vitest";
import { FetchBudget } from "./fetch-budget.ts";

const MIB = 1024 * 1024;

function budget(fetchMaxBytes = 50 * MIB, maxPartitionFetchBytes = MIB): FetchBudget {
  return new FetchBudget({ fetchMaxBytes, maxPartitionFetchBytes });
}

function mib(one: FetchBudget, buffered: number, asked: number, brokers: number): number | undefined {
  const bytes = one.maxBytes({ buffered: buffered * MIB, asked: asked * MIB, brokers });
  return bytes === undefined ? undefined : Math.floor(bytes / MIB);
}

describe("the budget of a consumer", () => {
  it("F29: is shared by the brokers, and no answer is larger than is of use", () => {
    expect([1, 2, 5, 25, 100].map((brokers) => mib(budget(), 0, 0, brokers))).toEqual([8, 8, 5, 1, 1]);
  });

  it("F29: allows nothing more while half of it waits to be read", () => {
    expect([mib(budget(), 25, 0, 1), mib(budget(), 25.1, 0, 1)]).toEqual([8, undefined]);
  });

  it("never grants more than what is left, but always one partition's worth", () => {
    expect([mib(budget(), 24, 20, 1), mib(budget(), 25, 40, 1)]).toEqual([6, 1]);
  });

  it("has room for two answers of a partition, whatever fetchMaxBytes says", () => {
    const small = budget(100, MIB);
    expect(small.total).toBe(2 * MIB);
    expect(small.maxBytes({ buffered: 0, asked: 0, brokers: 1 })).toBe(100);
    expect(small.maxBytes({ buffered: MIB, asked: 0, brokers: 1 })).toBe(100);
    expect(small.maxBytes({ buffered: MIB + 1, asked: 0, brokers: 1 })).toBeUndefined();
  });

  it("keeps what waits and what is on its way within itself, for any number of brokers that it has room for", () => {
    for (const brokers of [1, 2, 3, 7, 25]) {
      const one = budget();
      let asked = 0;
      const buffered = one.total / 2;
      for (let broker = 0; broker < brokers; broker++) asked += one.maxBytes({ buffered, asked, brokers }) ?? 0;
      expect(buffered + asked).toBeLessThanOrEqual(one.total);
    }
  });
});
