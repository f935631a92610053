/**
 * A group of the newer protocol (KIP-848): its members, its epochs and its target assignment. What a heartbeat makes of them is in
 * heartbeat.ts.
 */
import type { ErrorName } from "../../../protocol/index.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { OffsetCommitClaim, OffsetFetchClaim } from "../offset-access.ts";
import type { GroupOffsets } from "../offsets.ts";
import type { Members } from "./admission.ts";
import type { Partitions } from "./assignors/assignor.ts";
import { Holders } from "./holders.ts";
import { type ConsumerMember, isReconciledTo } from "./member.ts";
import { MemberTimers } from "./member-timers.ts";
import { commitError, fetchError } from "./offset-claims.ts";
import { Subscriptions } from "./subscriptions.ts";
import { assignors, computeTarget, preferredAssignor, type TargetAssignment } from "./target-assignment.ts";
import { TopicRegexes } from "./topic-regexes.ts";

/** ASSIGNING: the target assignment is older than the group. RECONCILING: somebody has not got what he shall have. */
export type ConsumerGroupState = "Empty" | "Assigning" | "Reconciling" | "Stable";

export class ConsumerGroup implements Members {
  readonly protocol = "consumer";
  readonly id: string;
  readonly offsets: GroupOffsets;
  readonly cluster: Cluster;
  readonly regexes: TopicRegexes;
  readonly #timers: MemberTimers;
  readonly #stopListening: () => void;
  readonly #members = new Map<string, ConsumerMember>();
  /** Member ids by instance id. */
  readonly #staticMembers = new Map<string, string>();
  readonly #holders = new Holders();
  #subscriptions: Subscriptions = new Subscriptions([], new Map());
  #groupEpoch = 1;
  #assignmentEpoch = 0;
  #assignedAtMs = Number.NEGATIVE_INFINITY;
  #target: TargetAssignment = new Map();
  /** Of the topics that the group epoch stands for. */
  #fingerprint = "";
  #mayTopicsHaveChanged = true;

  constructor(cluster: Cluster, id: string, offsets: GroupOffsets) {
    this.cluster = cluster;
    this.id = id;
    this.offsets = offsets;
    this.regexes = new TopicRegexes(cluster);
    this.#timers = new MemberTimers(cluster.clock);
    this.#stopListening = cluster.topics.onChange(() => {
      this.#mayTopicsHaveChanged = true;
    });
  }

  get state(): ConsumerGroupState {
    if (this.isEmpty) return "Empty";
    if (this.#groupEpoch > this.#assignmentEpoch) return "Assigning";
    for (const member of this.members) if (!isReconciledTo(member, this.#assignmentEpoch)) return "Reconciling";
    return "Stable";
  }

  /** Without members. */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Grows when members, subscriptions or topics change. */
  get groupEpoch(): number {
    return this.#groupEpoch;
  }

  /** The group epoch that the target assignment was made for. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }

  /** The name of the assignor that the members want. */
  get assignorName(): string {
    return preferredAssignor(this.members, this.cluster.configs.list("group.consumer.assignors")[0] ?? "uniform");
  }

  /** In the order in which they came. */
  get members(): Iterable<ConsumerMember> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions;
  }

  member(memberId: string): ConsumerMember | undefined {
    return this.#members.get(memberId);
  }

  staticMember(instanceId: string): ConsumerMember | undefined {
    const memberId = this.#staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  /** What the member shall have in the end. */
  targetOf(memberId: string): Partitions {
    return this.#target.get(memberId) ?? new Map();
  }

  /** Whether some member has the partition, or has not said yet that it gave it up. */
  isHeld(topicId: string, partition: number): boolean {
    return this.#holders.has(topicId, partition);
  }

  /** Whether somebody subscribes to the topic: then its offsets must not be deleted. */
  isSubscribedTo(topic: string): boolean {
    return this.#subscriptions.has(topic);
  }

  validateOffsetCommit(claim: OffsetCommitClaim): ErrorName | undefined {
    return commitError(claim, this);
  }

  validateOffsetFetch(claim: OffsetFetchClaim): ErrorName | undefined {
    return fetchError(claim, this);
  }

  /** Adds the member, or puts it where it was before. */
  put(member: ConsumerMember): void {
    this.#holders.replace(this.#members.get(member.memberId), member);
    this.#members.set(member.memberId, member);
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId);
  }

  /** The new member takes the place of a static one that left for a while, its target included. */
  replace(before: ConsumerMember, member: ConsumerMember): void {
    const target = this.targetOf(before.memberId);
    this.#drop(before);
    this.put(member);
    this.#target = new Map([...this.#target, [member.memberId, target]]);
  }

  /** The members are gone, and what they had is free. */
  remove(...members: readonly ConsumerMember[]): void {
    for (const member of members) this.#drop(member);
    this.subscriptionsChanged();
    this.#fingerprint = this.#subscriptions.fingerprint(this.cluster);
    this.#groupEpoch++;
  }

  /** To be called when members or the topics of expressions have changed. */
  subscriptionsChanged(): void {
    this.#subscriptions = new Subscriptions([...this.members], this.regexes.resolved);
    this.regexes.retain(this.#subscriptions.regexes);
  }

  /** Begins a new group epoch if there is a reason, or if the topics are not what they were. */
  updateEpoch(hasReason: boolean): void {
    if (!hasReason && !this.#mayTopicsHaveChanged) return;
    const fingerprint = this.#subscriptions.fingerprint(this.cluster);
    if (hasReason || fingerprint !== this.#fingerprint) this.#groupEpoch++;
    this.#fingerprint = fingerprint;
    this.#mayTopicsHaveChanged = false;
  }

  /** Makes the target assignment for the group epoch, unless the last one was made only just now: others may be about to join. */
  updateTarget(): void {
    const now = this.cluster.clock.now();
    const isTooEarly = now < this.#assignedAtMs + this.setting("consumer.assignment.interval.ms");
    if (this.#assignmentEpoch >= this.#groupEpoch || isTooEarly) return;
    this.#target = computeTarget({
      assignor: assignors.get(this.assignorName)!,
      members: [...this.members],
      isHomogeneous: this.#subscriptions.isHomogeneous,
      resolvedRegexes: this.regexes.resolved,
      topics: this.cluster.topics,
      previous: this.#target,
    });
    this.#assignmentEpoch = this.#groupEpoch;
    this.#assignedAtMs = now;
  }

  /** The member was heard of. */
  keepSession({ memberId }: ConsumerMember): void {
    this.#timers.startSession(memberId, this.setting("consumer.session.timeout.ms"), () => this.#expire(memberId));
  }

  /** The member has its rebalance timeout to give up what it has to, in this epoch. */
  awaitRevocation({ memberId, memberEpoch, rebalanceTimeoutMs }: ConsumerMember): void {
    this.#timers.startRevocation(memberId, rebalanceTimeoutMs, () => {
      if (this.#members.get(memberId)?.memberEpoch === memberEpoch) this.#expire(memberId);
    });
  }

  revocationDone({ memberId }: ConsumerMember): void {
    this.#timers.endRevocation(memberId);
  }

  /** The group's own configuration or, where nothing was set for it, the broker's. */
  setting(name: `consumer.${string}.ms`): number {
    return this.cluster.groupConfigs.of(this.id).int(name);
  }

  /** A coordinator that takes over gives every member its time anew; without one, no time passes. */
  coordinatorMoved(hasCoordinator: boolean): void {
    this.#timers.close();
    if (!hasCoordinator) return;
    for (const member of this.members) {
      this.keepSession(member);
      if (member.state === "UNREVOKED_PARTITIONS") this.awaitRevocation(member);
    }
  }

  /** Lets go of timers. */
  close(): void {
    this.#timers.close();
    this.#stopListening();
  }

  #expire(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member !== undefined) this.remove(member);
  }

  #drop(member: ConsumerMember): void {
    const { memberId, instanceId } = member;
    this.#timers.endAll(memberId);
    this.#holders.replace(member, undefined);
    this.#members.delete(memberId);
    if (instanceId !== null) this.#staticMembers.delete(instanceId);
    this.#target = new Map([...this.#target].filter(([id]) => id !== memberId));
  }
}
