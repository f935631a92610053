import { describe, expect, it } from "vitest";
import { BrokerError, RequestTimeoutError } from "../errors.ts";
import { type ItemResult, settledItems } from "./item-result.ts";

type Result = ItemResult<{ readonly name: string }, { readonly id: number }>;

const refused = (name: string): BrokerError => new BrokerError(36, { api: "CreateTopics", topic: name });

describe("settledItems", () => {
  it("hands back items of which some failed, and even all, each for a reason of its own", () => {
    const some: Result[] = [
      { name: "a", id: 1 },
      { name: "b", error: refused("b") },
    ];
    expect(settledItems(some)).toBe(some);
    const all: Result[] = [
      { name: "a", error: refused("a") },
      { name: "b", error: refused("b") },
    ];
    expect(settledItems(all)).toBe(all);
    expect(settledItems([])).toEqual([]);
  });

  it("throws the error of the only item", () => {
    const error = refused("a");
    expect(() => settledItems([{ name: "a", error }])).toThrow(error);
  });

  it("throws what made all items fail alike", () => {
    const error = new RequestTimeoutError("ListOffsets", 1000);
    const all = ["a", "b"].map((name) => ({ name, error }));
    expect(() => settledItems(all)).toThrow(error);
    expect(settledItems([...all, { name: "c", id: 1 }])).toHaveLength(3);
  });
});

describe("an ItemResult", () => {
  it("is told apart by its error, for the compiler too", () => {
    const read = (result: Result): number | string => (result.error === undefined ? result.id : result.error.code);
    expect(read({ name: "a", id: 1 })).toBe(1);
    expect(read({ name: "a", error: refused("a") })).toBe("TOPIC_ALREADY_EXISTS");
    const maybe = (result: Result): number | undefined => result.id;
    expect(maybe({ name: "a", error: refused("a") })).toBeUndefined();
  });
});
