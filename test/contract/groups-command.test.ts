// `kafkawire groups reset` and `watch` on both brokers, with Kafka's own kafka-consumer-groups as the witness: it plans the same offsets,
// refuses when we refuse, and sees what we have set.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groups } from "../../src/cli/commands/groups.ts";
import { missingJava } from "../interop/java/java-runtime.ts";
import { ToolShell } from "../interop/java/tool-shell.ts";
import { ScenarioStage } from "../interop/scenario-stage.ts";
import { outcomeOf } from "../support/command-run.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";
import { StartedCommand } from "../support/started-command.ts";
import { type BrokerUnderTest, currentKafka, embeddedBroker } from "./suite/broker-under-test.ts";

/** The release of the tools: what a newer broker tells, they may not know. */
const RELEASE = "4.3";
/** Records are a second apart from 1,700,000,000,000 on. */
const THIRD_RECORD = "2023-11-14T22:13:22.000Z";
const TOOL = "kafka-consumer-groups";

const isUsable = usableOrSkipped("Kafka's consumer groups tool", missingJava()) && isRealKafkaAvailable();
const brokers: readonly (readonly [name: string, start: () => Promise<BrokerUnderTest | undefined>])[] = [
  ["the embedded broker", () => embeddedBroker(RELEASE)],
  ["Apache Kafka", currentKafka],
];

// Not defined where there is no Java: with CI=true that is an error above.
describe("kafkawire groups beside Kafka's tool", () => {
  test(`is ${isUsable ? "" : "not "}played here`, () => {
    expect(isUsable).toBe(missingJava() === undefined && isRealKafkaAvailable());
  });
  if (isUsable) for (const [name, start] of brokers) describe(`on ${name}`, () => besideTheTool(start));
});

function besideTheTool(start: () => Promise<BrokerUnderTest | undefined>): void {
  let broker: BrokerUnderTest | undefined;
  let stage: ScenarioStage;
  let shell: ToolShell;

  beforeAll(async () => {
    broker = await start();
    if (broker === undefined) throw new Error("there are the tools of Apache Kafka, but no broker");
    stage = new ScenarioStage(broker.bootstrapServers, new AbortController().signal);
    shell = await ToolShell.open(stage);
  });

  afterAll(async () => {
    await stage?.close();
    await broker?.stop();
  });

  const run = (...parameters: readonly string[]) => outcomeOf(groups, [...parameters, "-b", stage.bootstrapServers]);

  /** A topic with 6 and 3 records and an empty partition; a group that has read 4 of them and is gone. */
  async function prepared(word: string): Promise<{ readonly topic: string; readonly group: string }> {
    const [topic, group] = [stage.unique(`${word}-topic`), stage.unique(`${word}-group`)];
    await shell.run("kafka-topics", "--create", "--topic", topic, "--partitions", "3", "--config", "retention.ms=-1");
    await shell.produce(topic, 0, 6);
    await shell.produce(topic, 1, 3);
    await shell.join(group, topic, "classic", 4);
    await shell.leave(group);
    await shell.until(
      (lines) => lines.some((line) => / Empty /.test(` ${line} `)),
      TOOL,
      "--describe",
      "--group",
      group,
      "--state",
    );
    return { topic, group };
  }

  /** `0:6 1:3`, of the tool's GROUP TOPIC PARTITION NEW-OFFSET. */
  async function planOfTool(group: string, topic: string, ...target: readonly string[]): Promise<readonly string[]> {
    const printed = await shell.text(TOOL, "--group", group, "--topic", topic, "--reset-offsets", ...target, "--dry-run");
    const rows = printed.split("\n").map((line) => line.trim().split(/\s+/));
    return rows
      .filter(([, of]) => of === topic)
      .map(([, , partition, offset]) => `${partition}:${offset}`)
      .toSorted();
  }

  async function planOfOurs(group: string, topic: string, ...target: readonly string[]): Promise<readonly string[]> {
    const { code, text } = await run("reset", group, "--topic", topic, ...target, "--json");
    expect(code).toBe(0);
    const { partitions } = JSON.parse(text) as { partitions: readonly { partition: number; offset: number }[] };
    return partitions.map(({ partition, offset }) => `${partition}:${offset}`).toSorted();
  }

  /** What the group has committed, as the tool sees it. */
  async function committed(group: string): Promise<readonly string[]> {
    const printed = await shell.text(TOOL, "--describe", "--group", group);
    const rows = printed.split("\n").map((line) => line.trim().split(/\s+/));
    return rows
      .filter(([of]) => of === group)
      .map(([, , partition, offset]) => `${partition}:${offset}`)
      .toSorted();
  }

  test("a dry run comes to the same offsets", async () => {
    const { topic, group } = await prepared("planned");
    const before = await committed(group);
    for (const [ours, tools] of [
      [["--to", "beginning"], ["--to-earliest"]],
      [["--to", "end"], ["--to-latest"]],
      [
        ["--to", "2"],
        ["--to-offset", "2"],
      ],
      [
        ["--to", "5"],
        ["--to-offset", "5"],
      ],
      [
        ["--to", THIRD_RECORD],
        ["--to-datetime", THIRD_RECORD],
      ],
      [
        ["--to", "90d"],
        ["--by-duration", "P90D"],
      ],
    ] as const) {
      expect(await planOfOurs(group, topic, ...ours), ours.join(" ")).toEqual(await planOfTool(group, topic, ...tools));
    }
    expect(await committed(group)).toEqual(before);
  });

  test("what is set is what the tool sees then; shifted and from a file, too", async () => {
    const { topic, group } = await prepared("set");
    expect(await run("reset", group, "--topic", topic, "--to", "2", "--execute")).toMatchObject({ code: 0 });
    expect(await committed(group)).toEqual(["0:2", "1:2", "2:0"]);
    for (const by of ["1", "10", "-2"]) {
      const expected = await planOfTool(group, topic, "--shift-by", by);
      await run("reset", group, `--shift-by=${by}`, "--execute");
      expect(await committed(group), by).toEqual(expected);
    }
    const exported = await shell.text(
      TOOL,
      "--group",
      group,
      "--topic",
      topic,
      "--reset-offsets",
      "--to-earliest",
      "--export",
      "--dry-run",
    );
    const lines = exported.split("\n").filter((line) => line.includes(`${topic}`));
    const file = join(stage.folder, "offsets.csv");
    writeFileSync(file, `${lines.join("\n")}\n`);
    expect(await run("reset", group, "--from-file", file, "--execute")).toMatchObject({ code: 0 });
    expect(await committed(group)).toEqual(["0:0", "1:0", "2:0"]);
  });

  test("who is in a group is seen as he comes and goes, and while he is there both refuse", async () => {
    const { topic, group } = await prepared("used");
    const watching = new StartedCommand("groups", "watch", group, "-b", stage.bootstrapServers, "--interval", "0.1");
    await watching.says(/Empty.*0 members/);
    const before = await committed(group);
    await shell.join(group, topic, "classic", 0);
    await watching.says(/ joined, from /);
    const { code, text } = await run("reset", group, "--topic", topic, "--to", "end", "--execute");
    expect([code, text]).toEqual([1, expect.stringMatching(/is not empty: it is \w+, with 1 member/)]);
    const tool = await shell
      .text(TOOL, "--group", group, "--topic", topic, "--reset-offsets", "--to-latest", "--execute")
      .catch(String);
    expect(tool).toMatch(/inactive|current state/);
    await shell.leave(group);
    await watching.says(/ left\n/);
    watching.child.kill("SIGINT");
    expect([await watching.exited, watching.stderr]).toEqual([[0, null], ""]);
    expect(await committed(group)).toEqual(before);
  });
}
