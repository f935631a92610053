import { describe, expect, it } from "vitest";
import { LATEST_RELEASE } from "../../protocol/index.ts";
import { BrokerConfigs, brokerConfigDefinition } from "./broker-configs.ts";
import { releaseDefaults } from "./release-defaults.ts";
import { TopicConfigs } from "./topic-configs.ts";

// What real brokers of these releases told.
describe("the defaults of an older release", () => {
  it.each([
    ["1.1", "offsets.retention.minutes", "1440"],
    ["2.0", "offsets.retention.minutes", "10080"],
    ["2.2", "group.max.session.timeout.ms", "300000"],
    ["2.3", "group.max.session.timeout.ms", "1800000"],
    ["2.4", "message.max.bytes", "1000012"],
    ["2.5", "message.max.bytes", "1048588"],
    ["3.5", "transaction.partition.verification.enable", "false"],
    ["3.6", "transaction.partition.verification.enable", "true"],
    ["3.9", "log.message.timestamp.after.max.ms", "9223372036854775807"],
    ["4.0", "log.message.timestamp.after.max.ms", "3600000"],
  ] as const)("in %s, %s is %s", (release, name, value) => {
    expect(new BrokerConfigs(new Map(), release).string(name)).toBe(value);
  });

  it("hold for its topics, too", () => {
    const topic = (release: "2.4" | "3.9") => new TopicConfigs(new BrokerConfigs(new Map(), release), new Map());
    expect(topic("2.4").int("max.message.bytes")).toBe(1_000_012);
    expect(topic("3.9").string("message.timestamp.after.max.ms")).toBe("9223372036854775807");
  });

  it("give way to what the cluster is started with", () => {
    expect(new BrokerConfigs(new Map([["message.max.bytes", "5"]]), "2.4").int("message.max.bytes")).toBe(5);
  });

  it("are for configurations that exist, with another default now", () => {
    for (const [name, value] of releaseDefaults("0.11")) expect(brokerConfigDefinition(name)!.defaultValue).not.toBe(value);
    expect(brokerConfigDefinition("no.such.thing")).toBeUndefined();
    expect(releaseDefaults(LATEST_RELEASE).size).toBe(0);
  });
});
