// Groups that have members of ours and of Java's (VerifiableConsumer): they share by the same assignor, whoever leads.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ClientCore } from "../../../src/client/client-core.ts";
import { resolveConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import type { AssignorName } from "../../../src/client/config/consumer-options.ts";
import { systemRuntime } from "../../../src/client/runtime.ts";
import { ClassicMember } from "../../support/classic-member.ts";
import { ConsumerProtocolMember } from "../../support/consumer-protocol-member.ts";
import type { MemberGround, MemberOptions, StagedMember } from "../../support/staged-member.ts";
import { createTopic } from "../create-topic.ts";
import type { RunningProgram, Scenario, Stage } from "../scenario.ts";
import { javaRuntime } from "./java-runtime.ts";

const PARTITIONS = 7;
const HEARTBEAT_MS = 200;
const LOOK_AGAIN_MS = 20;

/** As Java calls them. */
const STRATEGIES: Readonly<Record<AssignorName, string>> = {
  range: "RangeAssignor",
  roundrobin: "RoundRobinAssignor",
  sticky: "StickyAssignor",
  "cooperative-sticky": "CooperativeStickyAssignor",
};

/** Who holds what. */
interface Holder {
  readonly partitions: readonly number[];
}

class JavaMember implements Holder {
  readonly #program: RunningProgram;
  readonly #held = new Set<number>();
  readonly followed: Promise<void>;

  constructor(program: RunningProgram) {
    this.#program = program;
    this.followed = this.#follow();
  }

  get partitions(): readonly number[] {
    return [...this.#held];
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    await this.followed;
    this.#held.clear();
  }

  async #follow(): Promise<void> {
    for await (const line of this.#program.lines) {
      if (!line.startsWith("{")) continue;
      const { name, partitions = [] }: { name: string; partitions?: { partition: number }[] } = JSON.parse(line);
      if (name === "partitions_assigned") for (const { partition } of partitions) this.#held.add(partition);
      if (name === "partitions_revoked") for (const { partition } of partitions) this.#held.delete(partition);
    }
  }
}

/** Every partition is somebody's, and nobody else's. Returns how many each has. */
async function untilShared(stage: Stage, holders: readonly Holder[]): Promise<readonly number[]> {
  for (;;) {
    stage.signal.throwIfAborted();
    const all = holders.flatMap(({ partitions }) => partitions);
    const counts = holders.map(({ partitions }) => partitions.length);
    const isFair = Math.max(...counts) - Math.min(...counts) <= 1;
    if (all.length === PARTITIONS && new Set(all).size === PARTITIONS && isFair) return counts.sort((one, other) => one - other);
    await pause(LOOK_AGAIN_MS);
  }
}

type Open = (ground: MemberGround, options: MemberOptions) => StagedMember;

class MixedGroup {
  readonly #stage: Stage;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #ours: StagedMember[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#topic = stage.unique("shared");
    this.#groupId = stage.unique("group");
  }

  async createTopic(): Promise<void> {
    await createTopic(this.#stage, this.#topic, PARTITIONS);
  }

  async ours(open: Open, options: Pick<MemberOptions, "name" | "assignor">): Promise<StagedMember> {
    const config = resolveConsumerConfig({ bootstrapServers: this.#stage.bootstrapServers, clientId: options.name });
    const client = new ClientCore("consumer", config, systemRuntime);
    const { cluster } = await client.call("join", {}, (context) => Promise.resolve(context));
    const ground = { clock: systemRuntime.clock, when: <T>(promise: Promise<T>): Promise<T> => promise, client, cluster };
    const own = { groupId: this.#groupId, topics: [this.#topic], heartbeatIntervalMs: HEARTBEAT_MS, ...options };
    const member = open(ground, own);
    this.#ours.push(member);
    member.keepReading();
    return member;
  }

  async java(...how: readonly string[]): Promise<JavaMember> {
    const { java, parameters } = await javaRuntime();
    const where = ["--topic", this.#topic, "--bootstrap-server", this.#stage.bootstrapServers, "--group-id", this.#groupId];
    return new JavaMember(this.#stage.start(java, [...parameters, "org.apache.kafka.tools.VerifiableConsumer", ...where, ...how]));
  }

  async end(): Promise<void> {
    for (const member of this.#ours) await member.die();
  }
}

async function classic(stage: Stage, assignor: AssignorName): Promise<unknown> {
  const group = new MixedGroup(stage);
  const settings = join(stage.folder, "member.properties");
  writeFileSync(settings, `heartbeat.interval.ms=${HEARTBEAT_MS}\n`);
  const strategy = `org.apache.kafka.clients.consumer.${STRATEGIES[assignor]}`;
  const open: Open = ClassicMember.open;
  try {
    await group.createTopic();
    // We lead.
    const one = await group.ours(open, { name: "one", assignor });
    await untilShared(stage, [one]);
    const java = await group.java("--assignment-strategy", strategy, "--command-config", settings);
    const withJava = await untilShared(stage, [one, java]);
    const two = await group.ours(open, { name: "two", assignor });
    const withBoth = await untilShared(stage, [one, java, two]);
    // Somebody else leads, Java or we.
    await one.leave();
    const withoutLeader = await untilShared(stage, [java, two]);
    await two.leave();
    // Java leads for sure: whoever comes now is told by it.
    await untilShared(stage, [java]);
    const three = await group.ours(open, { name: "three", assignor });
    const ledByJava = await untilShared(stage, [java, three]);
    await java.stop();
    const alone = await untilShared(stage, [three]);
    assert.ok(!three.told.includes("stop"));
    return { withJava, withBoth, withoutLeader, ledByJava, alone };
  } finally {
    await group.end();
  }
}

async function assignedByCoordinator(stage: Stage): Promise<unknown> {
  const group = new MixedGroup(stage);
  const open: Open = ConsumerProtocolMember.open;
  try {
    await group.createTopic();
    const one = await group.ours(open, { name: "one" });
    await untilShared(stage, [one]);
    const java = await group.java("--group-protocol", "consumer");
    const withJava = await untilShared(stage, [one, java]);
    await java.stop();
    return { withJava, alone: await untilShared(stage, [one]) };
  } finally {
    await group.end();
  }
}

const assignors: readonly AssignorName[] = ["range", "roundrobin", "sticky", "cooperative-sticky"];
const shared = { client: "java", timeoutMs: 120_000 } as const;

export const mixedGroups: readonly Scenario[] = [
  ...assignors.map(
    (assignor): Scenario => ({
      ...shared,
      name: `shares partitions with members of ours by ${assignor}, whoever leads`,
      run: (stage) => classic(stage, assignor),
    }),
  ),
  {
    ...shared,
    name: "shares partitions with a member of ours in a group whose coordinator assigns",
    run: assignedByCoordinator,
  },
];
