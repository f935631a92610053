// Kafka's command line tools in one JVM: each start of a JVM would cost half a second.

import type { RunningProgram, Stage } from "../scenario.ts";
import { javaRuntime } from "./java-runtime.ts";

const TOOLS = {
  "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
  "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
  "kafka-configs": "kafka.admin.ConfigCommand",
  "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
  "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
  "kafka-features": "org.apache.kafka.tools.FeatureCommand",
  "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
  "kafka-groups": "org.apache.kafka.tools.GroupsCommand",
  "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
  "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
  "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
  "kafka-topics": "org.apache.kafka.tools.TopicCommand",
  "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
} as const;

export type ToolName = keyof typeof TOOLS;

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class ToolShell {
  readonly #stage: Stage;
  readonly #program: RunningProgram;

  private constructor(stage: Stage, program: RunningProgram) {
    this.#stage = stage;
    this.#program = program;
  }

  static async open(stage: Stage): Promise<ToolShell> {
    const { java, parameters } = await javaRuntime();
    const main = ["interop.ToolShell", stage.bootstrapServers, stage.unique("shell")];
    return new ToolShell(stage, stage.start(java, [...parameters, ...main]));
  }

  /**
   * What a tool writes, as lines without their padding and without what differs from run to run, sorted: tools print partitions in
   * the order of a hash table.
   */
  async run(tool: ToolName, ...parameters: readonly string[]): Promise<readonly string[]> {
    return this.#lines(await this.text(tool, ...parameters));
  }

  /** What a tool writes, as it is. */
  async text(tool: ToolName, ...parameters: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#answer(TOOLS[tool], this.#withAddress(tool, parameters));
    if (code !== 0) throw new Error(`${tool} ${parameters.join(" ")} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** The broker's error that a tool complains about, or else the first line of the complaint; it must not succeed. */
  async refusal(tool: ToolName, ...parameters: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#answer(TOOLS[tool], this.#withAddress(tool, parameters));
    const error = /org\.apache\.kafka\.common\.errors\.(\w+)/.exec(stdout + stderr)?.[1];
    if (code === 0) throw new Error(`${tool} ${parameters.join(" ")} succeeded\n${stdout}`);
    return error ?? this.#lines(stdout.trim() || stderr)[0] ?? "";
  }

  /** Records in one partition, a second apart from 1,700,000,000,000 on. */
  async produce(topic: string, partition: number, count: number): Promise<void> {
    await this.#word("produce", topic, String(partition), String(count));
  }

  /** A member of a group reads so many records of a topic, commits, and stays. */
  async join(group: string, topic: string, protocol: "classic" | "consumer", records: number): Promise<void> {
    await this.#word("join", group, topic, protocol, String(records));
  }

  async leave(group: string): Promise<void> {
    await this.#word("leave", group);
  }

  /** A transaction with a record in partition 0, left open. */
  async beginTransaction(transactionalId: string, topic: string): Promise<void> {
    await this.#word("begin", transactionalId, topic);
  }

  async commitTransaction(transactionalId: string): Promise<void> {
    await this.#word("commit", transactionalId);
  }

  /** Asks again until the answer is as it should be: what the controller has decided reaches a broker a little later. */
  async until(
    isReached: (lines: readonly string[]) => boolean,
    tool: ToolName,
    ...parameters: readonly string[]
  ): Promise<readonly string[]> {
    for (;;) {
      const lines = await this.run(tool, ...parameters);
      if (isReached(lines)) return lines;
    }
  }

  async #word(word: string, ...parameters: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#answer(word, parameters);
    if (code !== 0) throw new Error(`${word} ${parameters.join(" ")}: ${stderr}`);
  }

  async #answer(command: string, parameters: readonly string[]): Promise<Answer> {
    this.#program.write(`${JSON.stringify({ command, parameters })}\n`);
    const [line] = await this.#program.waitForLine(/^\{.*"code":.*\}$/);
    return JSON.parse(line) as Answer;
  }

  #withAddress(tool: ToolName, parameters: readonly string[]): readonly string[] {
    const address = this.#stage.bootstrapServers;
    if (tool === "kafka-producer-perf-test") return [...parameters, "--command-property", `bootstrap.servers=${address}`];
    // Its options belong to the command that stands before them.
    if (tool === "kafka-cluster") return [...parameters, "--bootstrap-server", address];
    return ["--bootstrap-server", address, ...parameters];
  }

  #lines(text: string): readonly string[] {
    return this.#stage
      .hide(text)
      .replaceAll(this.#stage.bootstrapServers, "ADDRESS")
      .split("\n")
      .map((line) => withoutIds(line.replaceAll(/\s+/g, " ").trim()))
      .filter((line) => line !== "")
      .sort();
  }
}

/** The words of an error message are the broker's own. */
function withoutIds(line: string): string {
  return line
    .replace(/org\.apache\.kafka\.common\.errors\.(\w+): .*/, "$1")
    .replaceAll(/reader-[0-9a-f-]{36}/g, "MEMBER")
    .replaceAll(/[\w-]{22}(?= \/127\.)/g, "MEMBER")
    .replaceAll(/ADDRESS \(\d+\)/g, "ADDRESS (NODE)")
    .replaceAll(/TopicId: [\w-]{22}/g, "TopicId: ID")
    .replaceAll(/(Leader|Replicas|Isr): \d+/g, "$1: NODE");
}
