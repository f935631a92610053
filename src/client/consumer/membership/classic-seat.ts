import type { KafkaError } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { type BrokerError, MaxPollIntervalError } from "../../errors.ts";
import type { TopicRacks } from "../../group/assignors/assignor.ts";
import { assignorsOf, rebalanceProtocolOf } from "../../group/assignors/configured-assignors.ts";
import { ClassicMembership, type MembershipHost } from "../../group/classic/classic-membership.ts";
import { GroupCalls } from "../../group/classic/group-calls.ts";
import type { Release } from "../../group/classic/membership-state.ts";
import type { RebalanceNews } from "../../group/rebalance-news.ts";
import type { TopicPartition } from "../topic-partition.ts";
import { LeaderTopics, metadataOf } from "./leader-topics.ts";
import type { Seat, SeatInit, Standing } from "./seat.ts";
import { warnOfStall } from "./stall-warning.ts";

/** A place in a group whose members share the partitions among themselves. */
export class ClassicSeat implements Seat, MembershipHost {
  readonly #init: SeatInit;
  readonly #membership: ClassicMembership;
  readonly #leader: LeaderTopics;

  constructor(init: SeatInit) {
    this.#init = init;
    const { groupId, config, runtime, holder, metrics } = init;
    const { groupInstanceId, sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs, clientRack } = config;
    const strategies = config.partitionAssignmentStrategy;
    this.#leader = new LeaderTopics(clientRack !== "");
    const { clock, random } = runtime;
    const cluster = (): Cluster => holder.cluster();
    this.#membership = new ClassicMembership({
      rules: {
        protocol: rebalanceProtocolOf(strategies),
        sessionTimeoutMs,
        heartbeatIntervalMs,
        maxPollIntervalMs,
        isStatic: groupInstanceId !== undefined,
        backoffMs: (failures) => backoffMs(failures, config, random),
        tooSlow: (awayMs) => new MaxPollIntervalError({ group: groupId, awayMs, maxPollIntervalMs }),
      },
      calls: new GroupCalls({
        cluster,
        groupId,
        groupInstanceId,
        sessionTimeoutMs,
        rebalanceTimeoutMs: maxPollIntervalMs,
        clock,
        onAnswered: (request, latencyMs) => metrics?.answered(request, latencyMs),
      }),
      assignors: assignorsOf(strategies),
      rackId: clientRack === "" ? undefined : clientRack,
      clock,
      host: this,
    });
  }

  get memberId(): string {
    return this.#membership.memberId;
  }

  get standing(): Standing | undefined {
    const { generation, state } = this.#membership;
    if (generation === undefined || state.name === "SYNCING") return undefined;
    const { generationId, memberId } = generation;
    return { generationId, memberId, protocol: "classic" };
  }

  read(): void {
    this.#membership.read();
  }

  resubscribed(): void {
    this.#membership.comeTogether("it has subscribed to other topics");
  }

  enforceRebalance(reason: string): void {
    if (this.#membership.state.name === "MEMBER") this.#membership.comeTogether(reason);
  }

  learned({ metadata }: Cluster): void {
    const change = this.#leader.changeSince(this.#generationId, metadata);
    if (change === undefined) return;
    // Who still waits for what it is given comes together again when it has that.
    const { name } = this.#membership.state;
    if (name === "MEMBER" || name === "SYNCING") this.#membership.comeTogether(change);
  }

  /** While it joins it hears by that how it stands. */
  commitRefused(error: BrokerError, generationId: number): void {
    if (this.#membership.state.name !== "JOINING") this.#membership.commitRefused(error, generationId);
  }

  leave(deadline: Deadline, leaveGroup: boolean | undefined): Promise<void> {
    return this.#membership.leave(deadline, leaveGroup);
  }

  close(): void {
    this.#membership.close();
  }

  // For the membership.

  topics(): Iterable<string> {
    return this.#init.holder.topics();
  }

  async partitionsOfTopics(deadline: Deadline): Promise<readonly TopicPartition[]> {
    const { holder } = this.#init;
    const wanted = [...holder.topics()];
    const { topics } = await metadataOf(wanted, holder.cluster(), deadline);
    return wanted.flatMap((topic) => (topics.get(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })));
  }

  heldNow(): readonly TopicPartition[] {
    return this.#init.holder.held();
  }

  racksOf(topics: ReadonlySet<string>, deadline: Deadline): Promise<TopicRacks> {
    const { holder } = this.#init;
    holder.watchAlso(topics);
    return this.#leader.racksOf(topics, this.#generationId, holder.cluster(), deadline);
  }

  release(release: Release): Promise<void> {
    const { holder } = this.#init;
    const wanted = new Set(holder.topics());
    return holder.letGo(holder.held().filter(({ topic }) => release !== "unwanted" || !wanted.has(topic)));
  }

  settle(partitions: readonly TopicPartition[]): Promise<boolean> {
    return this.#init.holder.bringTo(partitions);
  }

  stopDelivering(because: string): void {
    this.#init.holder.stopDelivering(because);
  }

  lastReadMs(): number {
    return this.#init.holder.lastReadMs();
  }

  raise(error: KafkaError): void {
    this.#init.holder.raise(error);
  }

  stoodStill(forMs: number): void {
    warnOfStall(this.#init, forMs);
  }

  rebalance(news: RebalanceNews): void {
    this.#init.holder.rebalance(news, "classic");
  }

  cannotLook({ message, code }: KafkaError): void {
    const { groupId, telemetry } = this.#init;
    const text =
      `group '${groupId}': whether every partition belongs to somebody cannot be found out: ${message}. What a member that this one ` +
      "takes the place of had let go of may be read by nobody until others come or go";
    telemetry.warning("OWNERS_UNKNOWN", text, { error: message, code });
  }

  unreadableMember(memberId: string, error: Error): void {
    const text = `what member '${memberId}' says of itself cannot be read, so it gets nothing: ${error.message}`;
    this.#init.telemetry.warning("UNREADABLE_MEMBER", text, { memberId, error: error.message });
  }

  get #generationId(): number {
    return this.#membership.generation?.generationId ?? -1;
  }
}
