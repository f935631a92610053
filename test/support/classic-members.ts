// Members of a classic group in a cluster in memory: each with a client of its own, and a host that notes what it is told.

import { onTestFinished } from "vitest";
import { Deadline } from "../../src/client/async/deadline.ts";
import { ClientCore } from "../../src/client/client-core.ts";
import type { Cluster } from "../../src/client/cluster/cluster.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import type { AssignorName } from "../../src/client/config/consumer-options.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { IllegalStateError } from "../../src/client/errors.ts";
import { builtInAssignor } from "../../src/client/group/assignors/built-in.ts";
import { ClassicMembership, type MembershipHost } from "../../src/client/group/classic/classic-membership.ts";
import { GroupCalls } from "../../src/client/group/classic/group-calls.ts";
import type { MembershipRules, Release } from "../../src/client/group/classic/membership-state.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";
const GROUP = "readers";
const POLL_MS = 100;

export interface MemberOptions {
  readonly name: string;
  readonly assignor?: AssignorName;
  readonly topics?: readonly string[];
  readonly instanceId?: string;
}

export class ClassicMember implements MembershipHost {
  /** What it was told, in order. */
  readonly told: string[] = [];
  readonly membership: ClassicMembership;
  /** Somebody reads. */
  isReading = true;
  /** How long the user takes with each callback. */
  callbackMs = 0;
  readonly #client: ClientCore;
  readonly #cluster: Cluster;
  readonly #stage: MembersStage;
  #topics: readonly string[];
  #held: readonly TopicPartition[] = [];
  #telling: Promise<unknown> = Promise.resolve();

  private constructor(stage: MembersStage, client: ClientCore, cluster: Cluster, options: MemberOptions) {
    const { assignor = "range", topics = [TOPIC], instanceId } = options;
    const { clock } = stage;
    this.#stage = stage;
    this.#client = client;
    this.#cluster = cluster;
    this.#topics = topics;
    const rules: MembershipRules = {
      protocol: assignor === "cooperative-sticky" ? "cooperative" : "eager",
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3_000,
      maxPollIntervalMs: 300_000,
      isStatic: instanceId !== undefined,
      backoffMs: () => 100,
      tooSlow: (awayMs) => new IllegalStateError(`away for ${awayMs} ms`),
    };
    const times = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 };
    const calls = new GroupCalls({ cluster: () => cluster, groupId: GROUP, groupInstanceId: instanceId, ...times });
    const assignors = [builtInAssignor(assignor)];
    this.membership = new ClassicMembership({ rules, calls, assignors, rackId: undefined, clock, host: this });
  }

  static async open(stage: MembersStage, options: MemberOptions): Promise<ClassicMember> {
    const runtime = memoryRuntime(stage.broker, { clock: stage.clock });
    const config = resolveConsumerConfig({ bootstrapServers: stage.broker.bootstrapServers, clientId: options.name });
    const client = new ClientCore("consumer", config, runtime);
    const cluster = await stage.when(
      client.call("join", {}, async (context) => {
        await context.cluster.bootstrap(context.deadline);
        return context.cluster;
      }),
    );
    const member = new ClassicMember(stage, client, cluster, options);
    member.#read();
    return member;
  }

  get partitions(): readonly number[] {
    return this.#held.map(({ partition }) => partition).sort((one, other) => one - other);
  }

  topics(): Iterable<string> {
    return this.#topics;
  }

  held(): readonly TopicPartition[] {
    return this.#held;
  }

  subscribe(...topics: readonly string[]): void {
    this.#topics = topics;
    this.membership.comeTogether("other topics");
  }

  async racksOf(topics: ReadonlySet<string>, deadline: Deadline): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
    const found = await this.#cluster.topics([...topics], deadline);
    return new Map([...found].map(([topic, { partitions }]) => [topic, partitions.map(() => [])]));
  }

  release(release: Release): Promise<void> {
    return this.#tell(() => {
      const gone = release === "unwanted" ? this.#held.filter(({ topic }) => !this.#topics.includes(topic)) : this.#held;
      this.#held = this.#held.filter((partition) => !gone.includes(partition));
      if (gone.length > 0) this.told.push(`${release === "lost" ? "lost" : "revoked"} ${named(gone)}`);
    });
  }

  settle(partitions: readonly TopicPartition[]): Promise<boolean> {
    return this.#tell(() => {
      const isIn = (list: readonly TopicPartition[], { topic, partition }: TopicPartition): boolean =>
        list.some((other) => other.topic === topic && other.partition === partition);
      const gone = this.#held.filter((one) => !isIn(partitions, one));
      const come = partitions.filter((one) => !isIn(this.#held, one));
      this.#held = partitions;
      if (gone.length > 0) this.told.push(`revoked ${named(gone)}`);
      this.told.push(`assigned ${named(come)}`);
      return gone.length > 0;
    });
  }

  stopDelivering(): void {
    this.told.push("stop");
  }

  raise(error: Error): void {
    this.told.push(`error ${error.message.replace(/^.*: ([A-Z_]+) \(.*$/s, "$1")}`);
  }

  unreadableMember(memberId: string): void {
    this.told.push(`unreadable ${memberId}`);
  }

  leave(): Promise<void> {
    this.isReading = false;
    return this.#stage.when(this.membership.leave(new Deadline(this.#stage.clock, 10_000)));
  }

  /** Without a word: the process is gone. */
  async die(): Promise<void> {
    this.isReading = false;
    this.membership.close();
    await this.#stage.when(this.#client.close());
  }

  #read(): void {
    if (!this.isReading) return;
    this.membership.read();
    this.#stage.clock.schedule(POLL_MS, () => this.#read());
  }

  #tell<T>(tell: () => T): Promise<T> {
    const telling = this.#telling.then(() => this.#pause()).then(tell);
    this.#telling = telling;
    return telling;
  }

  #pause(): Promise<void> {
    if (this.callbackMs === 0) return Promise.resolve();
    return new Promise((resolve) => this.#stage.clock.schedule(this.callbackMs, () => resolve()));
  }
}

const named = (partitions: readonly TopicPartition[]): string =>
  partitions.map(({ topic, partition }) => `${topic === TOPIC ? "" : topic}${partition}`).join(",");

export class MembersStage extends HeldStage {
  readonly members: ClassicMember[] = [];

  static async open(partitions = 4): Promise<MembersStage> {
    const held: HeldCluster = await heldCluster({ topics: { [TOPIC]: partitions, others: 2 } });
    const stage = new MembersStage(held);
    onTestFinished(() => stage.#close());
    return stage;
  }

  async member(options: MemberOptions): Promise<ClassicMember> {
    const member = await ClassicMember.open(this, options);
    this.members.push(member);
    return member;
  }

  /** How many partitions of the topic each member holds. */
  get shares(): readonly number[] {
    return this.members.map(({ partitions }) => partitions.length);
  }

  async #close(): Promise<void> {
    for (const member of this.members) await member.die();
    const wrong = await this.leftOver();
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  }
}
