import { describe, expect, it } from "vitest";
import { kits } from "./kits.ts";
import { Observations } from "./observations.ts";
import type { Scenario } from "./scenario.ts";

const unrecorded: Scenario = { client: "kcat", name: "does what nobody recorded", run: async () => undefined };

describe.each(kits.map((kit) => [kit.client, kit] as const))("what %s sees", (client, kit) => {
  it("is recorded from Apache Kafka for each of its scenarios, and for nothing else", () => {
    const names = kit.scenarios.map(({ name }) => name);
    expect(new Observations().recordedNames(client).toSorted()).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  it("belongs to this client", () => {
    expect(kit.scenarios.every((scenario) => scenario.client === client)).toBe(true);
  });
});

describe("a scenario", () => {
  it("fails without a recorded observation", () => {
    expect(() => new Observations().compare(unrecorded, {})).toThrow("nothing is recorded");
  });

  it("passes with an equal observation, whatever the order of its fields", () => {
    const observations = new Observations();
    observations.record(unrecorded, { a: [1, { b: null }], c: undefined, d: "x" });
    expect(() => observations.compare(unrecorded, { d: "x", a: [1, { b: null }] })).not.toThrow();
  });

  it("fails with each place that differs", () => {
    const observations = new Observations();
    observations.record(unrecorded, { same: 1, list: [1, 2], deep: [{ offset: 3 }, { offset: 4 }], gone: true });
    const differ = (): void =>
      observations.compare(unrecorded, { same: 1, list: [1, 2, 3], deep: [{ offset: 3 }, { offset: 5 }], more: null });
    expect(differ).toThrow('"list": [1,2] on Apache Kafka, [1,2,3] here');
    expect(differ).toThrow('"deep"."1"."offset": 4 on Apache Kafka, 5 here');
    expect(differ).toThrow('"gone": true on Apache Kafka, undefined here');
    expect(differ).toThrow('"more": undefined on Apache Kafka, null here');
    expect(differ).not.toThrow(/same/);
  });
});
