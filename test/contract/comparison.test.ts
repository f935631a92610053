// The judge itself: what it calls different, and what it does not.

import { describe, expect, it } from "vitest";
import { ABSENT, differences } from "./differences.ts";
import { fitted } from "./fitted.ts";
import { Placeholders } from "./placeholders.ts";
import { sorted, type UnorderedList } from "./unordered-lists.ts";

const topics: readonly UnorderedList[] = [{ path: "topics", keys: ["name"] }];
const ONE = "601wAnqBSbK9g84JyBRQpQ";
const OTHER = "aEwVIA0NTPyBqBpSv7tRJQ";

describe("differences", () => {
  it("are named by their paths, at any depth", () => {
    const found = [...differences({ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] }, [])];
    expect(found).toEqual([{ path: "a[1].b", embedded: 2, kafka: 3 }]);
  });

  it("are null instead of an empty list, 0 instead of 0n, and a field or an element too few", () => {
    expect([...differences({ a: null }, { a: [] }, [])]).toHaveLength(1);
    expect([...differences({ a: 0 }, { a: 0n }, [])]).toHaveLength(1);
    expect([...differences({}, { a: null }, [])]).toEqual([{ path: "a", embedded: ABSENT, kafka: null }]);
    expect([...differences([1], [1, 2], [])]).toEqual([{ path: "[1]", embedded: ABSENT, kafka: 2 }]);
  });

  it("are an order, except in a list that has none", () => {
    const [one, other] = [
      ["b", "a"],
      ["a", "b"],
    ].map((names) => ({ topics: names.map((name) => ({ name })) }));
    expect([...differences(one, other, [])]).toHaveLength(2);
    expect([...differences(sorted(one, topics), sorted(other, topics), topics)]).toEqual([]);
  });

  it("in a list without an order are found by the element's name, however often it comes", () => {
    const [one, other] = [["a"], ["a", "a"]].map((names) => ({ topics: names.map((name) => ({ name })) }));
    expect([...differences(one, other, topics)].map(({ path }) => path)).toEqual(["topics[a #2]"]);
  });
});

describe("placeholders", () => {
  it("stand for the same thing in the same way, within texts too", () => {
    const seen = (id: string) => new Placeholders().in({ topicId: id, errorMessage: `no ${id}`, other: ONE });
    expect(seen(ONE)).toEqual({ topicId: "<id 1>", errorMessage: "no <id 1>", other: "<id 1>" });
    expect(seen(OTHER)).toEqual({ topicId: "<id 1>", errorMessage: "no <id 1>", other: "<id 2>" });
  });

  it("leave alone what means something, and what is of our own making", () => {
    const value = {
      producerId: -1n,
      sessionId: 0,
      topicId: "AAAAAAAAAAAAAAAAAAAAAA",
      name: "CreateTopics-2-topic-1",
      timestamp: 1000,
    };
    expect(new Placeholders().in(value)).toEqual(value);
  });

  it("stand for moments around now, and for nothing else that is a number", () => {
    const now = Date.now();
    expect(new Placeholders().in({ at: now - 5, offset: 7, text: `at ${now}` })).toEqual({
      at: "<now>",
      offset: 7,
      text: "at <now>",
    });
  });
});

it("a version is sent only the fields that it has, inside lists too", () => {
  const field = { type: "string", isArray: false, nullable: false, ignorable: false, tag: undefined, default: "" } as const;
  const inner = [
    { ...field, name: "name", present: true, fields: [] },
    { ...field, name: "id", present: false, fields: [] },
  ];
  const fields = [{ ...field, name: "topics", isArray: true, present: true, fields: inner }];
  expect(fitted(fields, { topics: [{ name: "a", id: "b" }], more: 1 })).toEqual({ topics: [{ name: "a" }] });
});
