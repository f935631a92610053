import type { KafkaError } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { type BrokerError, MaxPollIntervalError } from "../../errors.ts";
import {
  ConsumerProtocolMembership,
  type IdentifiedPartitions,
  type MemberHost,
} from "../../group/consumer-protocol/consumer-protocol-membership.ts";
import type { RebalanceNews } from "../../group/rebalance-news.ts";
import { PartitionMap, type TopicPartition } from "../topic-partition.ts";
import type { Seat, SeatInit, Standing } from "./seat.ts";
import { warnOfStall } from "./stall-warning.ts";
import { TopicNames } from "./topic-names.ts";

const ASSIGNED = "the coordinator assigns other partitions";

/** A place in a group whose coordinator shares the partitions (KIP-848). */
export class CoordinatedSeat implements Seat, MemberHost {
  readonly #init: SeatInit;
  readonly #membership: ConsumerProtocolMembership;
  /** Of topics that partitions are held of: metadata may forget a topic before it is let go of. */
  readonly #ids = new Map<string, string>();
  readonly #names: TopicNames;
  /** Something is assigned whose name is not known yet. */
  #isWaiting = false;

  constructor(init: SeatInit) {
    this.#init = init;
    const { groupId, config, runtime, holder } = init;
    const { groupInstanceId, sessionTimeoutMs, maxPollIntervalMs, clientRack, groupRemoteAssignor } = config;
    const cluster = (): Cluster => holder.cluster();
    this.#names = new TopicNames({ cluster, config, runtime, onFound: (names) => this.#named(names) });
    this.#membership = new ConsumerProtocolMembership({
      rules: {
        isStatic: groupInstanceId !== undefined,
        sessionTimeoutMs,
        maxPollIntervalMs,
        backoffMs: (failures) => backoffMs(failures, config, runtime.random),
        tooSlow: (awayMs) => new MaxPollIntervalError({ group: groupId, awayMs, maxPollIntervalMs }),
      },
      cluster,
      groupId,
      groupInstanceId,
      rackId: clientRack === "" ? undefined : clientRack,
      remoteAssignor: groupRemoteAssignor,
      rebalanceTimeoutMs: maxPollIntervalMs,
      memberId: runtime.uuid(),
      clock: runtime.clock,
      host: this,
    });
  }

  get memberId(): string {
    return this.#membership.epoch === undefined ? "" : this.#membership.memberId;
  }

  get standing(): Standing | undefined {
    const { epoch: generationId, memberId } = this.#membership;
    return generationId === undefined ? undefined : { generationId, memberId, protocol: "consumer" };
  }

  read(): void {
    this.#membership.read();
  }

  resubscribed(): void {
    this.#membership.subscribed();
  }

  enforceRebalance(reason: string): void {
    const text = `group '${this.#init.groupId}': when it rebalances is its coordinator's affair (KIP-848), so enforceRebalance() does nothing`;
    this.#init.telemetry.warning("REBALANCE_NOT_ENFORCED", text, { reason });
  }

  /** G28 */
  learned(): void {
    if (this.#isWaiting) this.#membership.learned();
  }

  commitRefused(error: BrokerError): void {
    this.#membership.commitRefused(error);
  }

  leave(deadline: Deadline, leaveGroup: boolean | undefined): Promise<void> {
    return this.#membership.leave(deadline, leaveGroup);
  }

  close(): void {
    this.#membership.close();
    this.#names.close();
  }

  // For the membership.

  topics(): Iterable<string> {
    return this.#init.holder.topics();
  }

  pattern(): string | undefined {
    return this.#init.holder.pattern();
  }

  heldNow(): readonly IdentifiedPartitions[] {
    const byId = new Map<string, number[]>();
    for (const { topic, partition } of this.#init.holder.held()) {
      const topicId = this.#ids.get(topic);
      if (topicId === undefined) continue;
      const known = byId.get(topicId);
      if (known === undefined) byId.set(topicId, [partition]);
      else known.push(partition);
    }
    return [...byId].map(([topicId, partitions]) => ({ topicId, partitions }));
  }

  async reconcile(assigned: readonly IdentifiedPartitions[]): Promise<void> {
    const { holder } = this.#init;
    const { metadata } = holder.cluster();
    const partitions: TopicPartition[] = [];
    const unnamed: string[] = [];
    for (const { topicId, partitions: of } of assigned) {
      const topic = metadata.topicById(topicId)?.name ?? this.#nameOf(topicId);
      if (topic === undefined) {
        unnamed.push(topicId);
        continue;
      }
      this.#ids.set(topic, topicId);
      // G29
      for (const partition of new Set(of)) partitions.push({ topic, partition });
    }
    this.#isWaiting = unnamed.length > 0;
    if (this.pattern() !== undefined) this.#names.find(unnamed);
    else if (this.#isWaiting) holder.cluster().needMetadata([...holder.topics()]);
    if (!isSame(holder.held(), partitions)) this.rebalance({ kind: "began", cause: ASSIGNED });
    await holder.bringTo(partitions);
  }

  release(): Promise<void> {
    return this.#init.holder.letGo([]);
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

  holdBack(until: Promise<void>): void {
    this.#init.holder.holdBack(until);
  }

  rebalance(news: RebalanceNews): void {
    this.#init.holder.rebalance(news, "consumer");
  }

  heartbeatAnswered(latencyMs: number): void {
    this.#init.metrics?.answered("heartbeat", latencyMs);
  }

  #named(names: ReadonlyMap<string, string>): void {
    for (const [topicId, topic] of names) this.#ids.set(topic, topicId);
    this.learned();
  }

  #nameOf(topicId: string): string | undefined {
    for (const [topic, id] of this.#ids) if (id === topicId) return topic;
    return undefined;
  }
}

/** Neither has anything twice. */
function isSame(held: readonly TopicPartition[], assigned: readonly TopicPartition[]): boolean {
  const known = new PartitionMap<true>();
  for (const { topic, partition } of held) known.set(topic, partition, true);
  return held.length === assigned.length && assigned.every(({ topic, partition }) => known.has(topic, partition));
}
