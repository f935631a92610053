import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { consumerSettings } from "./consumer-settings.ts";
import { configFromProperties } from "./properties/config-from-properties.ts";
import { resolveShareConsumerConfig } from "./share-consumer-config.ts";
import { shareConsumerSettings } from "./share-consumer-settings.ts";

function problemsOf(input: object): readonly string[] {
  try {
    resolveShareConsumerConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("a share consumer's options", () => {
  it("have Consumer's defaults, and Java's where there are none", () => {
    expect(resolveShareConsumerConfig({ groupId: "workers" })).toMatchObject({
      groupId: "workers",
      shareAcknowledgementMode: "implicit",
      shareAcquireMode: "batch_optimized",
      maxPollRecords: 500,
      fetchMaxWaitMs: 500,
      fetchMaxBytes: 52_428_800,
      checkCrcs: true,
    });
  });

  it("need a group", () => {
    expect(problemsOf({})).toEqual(["groupId is needed: the name of the share group"]);
  });

  it("make room for answers, and have to fit together", () => {
    const config = resolveShareConsumerConfig({ groupId: "workers", fetchMaxBytes: 200_000_000 });
    expect(config.receiveMessageMaxBytes).toBe(200_000_000 + 1_048_576);
    const tooSmall = { groupId: "workers", receiveMessageMaxBytes: 1_000_000, fetchMaxWaitMs: 30_000 };
    expect(problemsOf(tooSmall)).toEqual([
      expect.stringMatching(/^fetchMaxWaitMs \(30000\) must be less than requestTimeoutMs/),
      expect.stringMatching(/^fetchMaxBytes \(52428800\) must not be more than receiveMessageMaxBytes/),
    ]);
  });

  it("refuse what brokers and groups rule, and say who does", () => {
    const given = { groupId: "workers", autoOffsetReset: "earliest", enable_auto_commit: true, isolationLevel: "read_committed" };
    expect(problemsOf(given)).toEqual([
      expect.stringMatching(/^ShareConsumer has no option 'autoOffsetReset': .*share\.auto\.offset\.reset/),
      expect.stringMatching(/^ShareConsumer has no option 'enable_auto_commit': there are no offsets to commit/),
      expect.stringMatching(/^ShareConsumer has no option 'isolationLevel': .*share\.isolation\.level/),
    ]);
  });

  it("refuse every option that only Consumer has, with a reason", () => {
    const others = Object.keys(consumerSettings).filter((name) => !(name in shareConsumerSettings));
    expect(others.length).toBeGreaterThan(10);
    for (const name of others) {
      const [problem] = problemsOf({ groupId: "workers", [name]: "x" });
      expect(problem).toMatch(/^ShareConsumer has no option '\w+': .{10}/);
    }
  });

  it("are read from Java's properties, and those of other clients are left out", () => {
    const { options, ignored } = configFromProperties(
      ["group.id=workers", "share.acknowledgement.mode=explicit", "share.acquire.mode=record_limit", "acks=all"],
      "shareConsumer",
    );
    expect(options).toEqual({ groupId: "workers", shareAcknowledgementMode: "explicit", shareAcquireMode: "record_limit" });
    expect(ignored).toEqual([{ name: "acks", reason: "acks is no option of a share consumer" }]);
  });
});
