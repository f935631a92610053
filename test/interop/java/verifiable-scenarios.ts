// VerifiableProducer and VerifiableConsumer: Kafka's own system tests drive them as processes that report each step as JSON.

import type { RunningProgram, Scenario, Stage } from "../scenario.ts";
import { javaRuntime } from "./java-runtime.ts";

const RECORDS = 20_000;
const shared = { client: "java", timeoutMs: 120_000 } as const;

interface Event {
  readonly name: string;
  readonly partitions?: readonly { readonly partition: number; readonly minOffset?: number; readonly maxOffset?: number }[];
  readonly offsets?: readonly { readonly partition: number; readonly offset: number }[];
  readonly success?: boolean;
  readonly partition?: number;
  readonly value?: string;
  readonly offset?: number;
}

/** What the members of a group report. */
class Group {
  /** How often each record was delivered, by partition and offset. */
  readonly delivered: Map<string, number> = new Map<string, number>();
  readonly values: Set<string> = new Set<string>();
  readonly #committed: Map<number, number> = new Map<number, number>();
  readonly #owned: Map<RunningProgram, Set<number>> = new Map<RunningProgram, Set<number>>();
  #wake: () => void = () => undefined;

  async follow(member: RunningProgram): Promise<void> {
    this.#owned.set(member, new Set());
    for await (const line of member.lines) {
      if (line.startsWith("{")) this.#apply(member, JSON.parse(line) as Event);
      this.#wake();
    }
  }

  get committed(): number {
    return [...this.#committed.values()].reduce((sum, offset) => sum + offset, 0);
  }

  /** How many partitions each member has. */
  get shares(): readonly number[] {
    return [...this.#owned.values()].map(({ size }) => size);
  }

  async until(isReached: () => boolean): Promise<void> {
    while (!isReached())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  #apply(member: RunningProgram, { name, partitions = [], offsets = [], success, partition, offset, value }: Event): void {
    const owned = this.#owned.get(member);
    if (name === "partitions_assigned") for (const it of partitions) owned?.add(it.partition);
    if (name === "partitions_revoked") for (const it of partitions) owned?.delete(it.partition);
    if (name === "offsets_committed" && success) for (const it of offsets) this.#committed.set(it.partition, it.offset);
    if (name !== "record_data") return;
    const key = `${partition}:${offset}`;
    this.delivered.set(key, (this.delivered.get(key) ?? 0) + 1);
    this.values.add(value ?? "");
  }
}

async function verifiable(stage: Stage, protocol: "classic" | "consumer"): Promise<unknown> {
  const { java, parameters } = await javaRuntime();
  const start = (...tool: readonly string[]): RunningProgram => stage.start(java, [...parameters, ...tool]);
  const topic = stage.unique("orders");
  const address = ["--topic", topic, "--bootstrap-server", stage.bootstrapServers];
  const create = ["--create", "--topic", topic, "--partitions", "4", "--bootstrap-server", stage.bootstrapServers];
  await stage.run(java, [...parameters, "org.apache.kafka.tools.TopicCommand", ...create]);
  const groupId = stage.unique("group");
  const consumer = [
    "org.apache.kafka.tools.VerifiableConsumer",
    ...address,
    "--group-id",
    groupId,
    "--verbose",
    "--group-protocol",
    protocol,
  ];
  const members = [start(...consumer), start(...consumer)];
  const group = new Group();
  const followed = members.map((member) => group.follow(member));
  await group.until(() => group.shares.join() === "2,2");
  const shares = group.shares;
  const producer = start("org.apache.kafka.tools.VerifiableProducer", ...address, "--max-messages", String(RECORDS));
  const acknowledged = new Set<string>();
  for await (const line of producer.lines) {
    const { name, value } = JSON.parse(line) as Event;
    if (name === "producer_send_success") acknowledged.add(value ?? "");
  }
  await group.until(() => group.values.size >= RECORDS && group.committed >= RECORDS);
  await Promise.all(members.map((member) => member.stop()));
  await Promise.all(followed);
  return {
    acknowledged: acknowledged.size,
    shares,
    distinct: group.delivered.size,
    doubled: [...group.delivered.values()].filter((count) => count > 1).length,
    lost: [...acknowledged].filter((value) => !group.values.has(value)).length,
    committed: group.committed,
  };
}

export const verifiableScenarios: readonly Scenario[] = [
  {
    ...shared,
    name: "VerifiableProducer's records reach two VerifiableConsumers exactly once, in a classic group",
    run: (stage) => verifiable(stage, "classic"),
  },
  {
    ...shared,
    name: "VerifiableProducer's records reach two VerifiableConsumers exactly once, in a consumer group",
    run: (stage) => verifiable(stage, "consumer"),
  },
];
