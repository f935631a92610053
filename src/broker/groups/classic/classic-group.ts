/**
 * A group of the classic protocol: the state machine alone. What the requests ask of it is in join.ts, sync.ts, heartbeat.ts and
 * leave.ts; who is in it, in membership.ts.
 */
import type { ErrorName } from "../../../protocol/index.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { OffsetCommitClaim, OffsetFetchClaim } from "../offset-access.ts";
import type { GroupOffsets } from "../offsets.ts";
import { ClassicMember, type Joined, NO_ASSIGNMENT } from "./classic-member.ts";
import { type ClassicGroupState, type PreparingRebalance, validPreviousStates } from "./classic-state.ts";
import { awaitFirstMembers } from "./first-members.ts";
import { Membership } from "./membership.ts";
import { commitError } from "./offset-claims.ts";
import { Sessions } from "./sessions.ts";
import { EMPTY_GENERATION, restoreMembers, type StoredGeneration, storedGeneration } from "./stored-generation.ts";
import { CONSUMER_PROTOCOL_TYPE, subscribedTopics } from "./subscribed-topics.ts";

/** How long a new member's first join may wait. Kafka has no configuration for it. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000;

export class ClassicGroup {
  readonly protocol = "classic";
  readonly id: string;
  readonly offsets: GroupOffsets;
  readonly members: Membership = new Membership();
  readonly #cluster: Cluster;
  readonly #sessions: Sessions;
  #current: ClassicGroupState = { name: "Empty" };
  #stateSinceMs: number;
  #generationId = 0;
  #protocolName: string | null = null;
  #subscribedTopics: ReadonlySet<string> | undefined;
  #stored: StoredGeneration = EMPTY_GENERATION;

  constructor(cluster: Cluster, id: string, offsets: GroupOffsets) {
    this.#cluster = cluster;
    this.id = id;
    this.offsets = offsets;
    this.#stateSinceMs = cluster.clock.now();
    this.#sessions = new Sessions(cluster.clock, (memberId) => this.#expireSession(memberId));
  }

  get state(): ClassicGroupState["name"] {
    return this.#current.name;
  }

  get current(): ClassicGroupState {
    return this.#current;
  }

  get stateSinceMs(): number {
    return this.#stateSinceMs;
  }

  /** Without members, in Kafka's sense: one whose first members are joining is not empty any more. */
  get isEmpty(): boolean {
    return this.#current.name === "Empty";
  }

  get generationId(): number {
    return this.#generationId;
  }

  get protocolType(): string | null {
    return this.members.protocolType;
  }

  /** The protocol of this generation; null until the first rebalance is over, and without members. */
  get protocolName(): string | null {
    return this.#protocolName;
  }

  /** Undefined when they cannot be known: no consumers, or no rebalance yet. */
  get subscribedTopics(): ReadonlySet<string> | undefined {
    return this.#subscribedTopics;
  }

  /** Consumers whose subscriptions are not known may be reading any topic. */
  isSubscribedTo(topic: string): boolean {
    return this.#subscribedTopics?.has(topic) ?? this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  validateOffsetCommit(claim: OffsetCommitClaim): ErrorName | undefined {
    return commitError(claim, this);
  }

  validateOffsetFetch(_claim: OffsetFetchClaim): ErrorName | undefined {
    return this.state === "Dead" ? "GROUP_ID_NOT_FOUND" : undefined;
  }

  /** A plain commit is a sign of life, except while the assignment is being computed. */
  committed(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined && (this.state === "Stable" || this.state === "PreparingRebalance")) this.keepAlive(member);
  }

  keepAlive(member: ClassicMember, timeoutMs: number = member.terms.sessionTimeoutMs): void {
    this.#sessions.start(member.id, timeoutMs);
  }

  /** Hands out an id: its owner has a session timeout's time to come with it. */
  expect(memberId: string, sessionTimeoutMs: number): void {
    this.members.expect(memberId);
    this.#sessions.start(memberId, sessionTimeoutMs);
  }

  /** Adds a member, whose join is answered when the rebalance is over. */
  add(member: ClassicMember, protocolType: string): void {
    if (this.#current.name === "PreparingRebalance" && this.#current.isInitial) this.#current.hasNewMember = true;
    member.isNew = true;
    this.members.add(member, protocolType);
    // Its connection is not read while the join waits, so a hang-up goes unnoticed; a member that is still there will ask again.
    this.keepAlive(member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  }

  /** Takes a member or a handed-out id away. What follows for the group's state is up to the caller. */
  drop(memberId: string): void {
    this.members.get(memberId)?.answerJoin({ error: "UNKNOWN_MEMBER_ID", memberId: "" });
    this.members.get(memberId)?.answerSync({ error: "UNKNOWN_MEMBER_ID" });
    this.members.remove(memberId);
    this.#sessions.end(memberId);
  }

  /** A static member's next process: it inherits all but the id. Who still waits in the old one's name is fenced. */
  replace(old: ClassicMember, memberId: string): ClassicMember {
    old.answerJoin({ error: "FENCED_INSTANCE_ID", memberId: old.id });
    old.answerSync({ error: "FENCED_INSTANCE_ID" });
    const { groupInstanceId, clientId, clientHost } = old;
    const member = new ClassicMember({ id: memberId, groupInstanceId, clientId, clientHost }, old.terms);
    member.assignment = old.assignment;
    this.members.replace(old, member);
    this.#sessions.end(old.id);
    this.keepAlive(member);
    return member;
  }

  /** Something changed: begin a rebalance, or see whether the one that is going on can end. */
  rebalanceOrComplete(): void {
    if (validPreviousStates.PreparingRebalance.includes(this.state)) this.startRebalance();
    else this.completeJoinIfPossible();
  }

  startRebalance(): void {
    if (this.#current.name === "CompletingRebalance") {
      for (const member of this.members) {
        member.assignment = NO_ASSIGNMENT;
        if (member.answerSync({ error: "REBALANCE_IN_PROGRESS" })) this.keepAlive(member);
      }
    }
    const state: PreparingRebalance = {
      name: "PreparingRebalance",
      isInitial: this.isEmpty,
      hasNewMember: false,
      joinTimer: undefined,
    };
    this.#enter(state);
    if (state.isInitial) this.#awaitFirstMembers(state);
    else if (this.members.haveAllJoined) this.#completeJoin();
    else this.#awaitJoins(state);
  }

  /** Ends the collecting of joins when nobody is missing; the first rebalance waits out its delay even so. */
  completeJoinIfPossible(): void {
    if (this.#current.name !== "PreparingRebalance" || this.#current.isInitial) return;
    if (this.members.haveAllJoined) this.#completeJoin();
  }

  /** A member fetched its assignment, or asked for it. */
  synced(memberId: string): void {
    if (this.#current.name !== "CompletingRebalance" && this.#current.name !== "Stable") return;
    const { syncs } = this.#current;
    syncs.members.delete(memberId);
    if (syncs.members.size === 0) syncs.timer?.cancel();
  }

  /** The leader's assignment is here; whom it left out gets nothing. */
  assign(assignments: ReadonlyMap<string, Uint8Array>): void {
    if (this.#current.name !== "CompletingRebalance") throw new TypeError(`an assignment for a group that is ${this.state}`);
    for (const member of this.members) member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT;
    this.#enter({ name: "Stable", syncs: this.#current.syncs });
    this.store();
    for (const member of this.members) {
      const { assignment } = member;
      if (member.answerSync({ protocolType: this.protocolType, protocolName: this.#protocolName, assignment }))
        this.keepAlive(member);
    }
  }

  /** What a member is told about the present generation. */
  joinedAs(member: ClassicMember): Joined {
    const isLeader = this.members.leaderId === member.id;
    return {
      memberId: member.id,
      generationId: this.#generationId,
      protocolType: this.protocolType,
      protocolName: this.#protocolName,
      leader: this.members.leaderId ?? "",
      skipAssignment: false,
      members: isLeader ? this.#described() : [],
    };
  }

  /** From now on the next coordinator would find this: a real one writes it to __consumer_offsets. */
  store(): void {
    this.#stored = storedGeneration(this.members, this.#generationId, this.#protocolName);
  }

  /**
   * Another node coordinates the group now, or, for the time being, none. It knows what was stored: joins and assignments that were
   * under way are lost, those who wait for them must ask the new one, and all sessions begin anew.
   */
  coordinatorMoved(hasCoordinator: boolean): void {
    if (this.state === "Dead") return;
    this.#answerAll("NOT_COORDINATOR");
    this.#sessions.endAll();
    const { generationId, protocolName } = this.#stored;
    restoreMembers(this.members, this.#stored);
    this.#generationId = generationId;
    this.#protocolName = protocolName;
    this.#subscribedTopics = subscribedTopics(this.members, this.#protocolName);
    const nobodyMissing = { members: new Set<string>(), timer: undefined };
    this.#replaceState(this.members.size === 0 ? { name: "Empty" } : { name: "Stable", syncs: nobodyMissing });
    if (!hasCoordinator) return;
    for (const member of this.members) this.keepAlive(member);
    if (this.members.size > this.#cluster.configs.int("group.max.size")) this.startRebalance();
  }

  close(): void {
    this.#answerAll("COORDINATOR_NOT_AVAILABLE");
    this.#sessions.endAll();
    this.#enter({ name: "Dead" });
  }

  #awaitFirstMembers(state: PreparingRebalance): void {
    const { clock, configs } = this.#cluster;
    const delayMs = configs.int("group.initial.rebalance.delay.ms");
    const { rebalanceTimeoutMs } = this.members;
    awaitFirstMembers(state, { clock, delayMs, rebalanceTimeoutMs, whenOver: () => this.#completeJoin() });
  }

  #awaitJoins(state: PreparingRebalance): void {
    state.joinTimer?.cancel();
    state.joinTimer = this.#cluster.clock.schedule(this.members.rebalanceTimeoutMs, () => this.#completeJoin());
  }

  /** Goes on with those who joined. Static members may be late: they stay until their session ends. */
  #completeJoin(): void {
    const state = this.#current;
    if (state.name !== "PreparingRebalance") return;
    for (const member of this.members) if (!member.isAwaitingJoin && !member.isStatic) this.drop(member.id);
    if (!this.members.electLeader() && this.members.size > 0) {
      this.#awaitJoins(state);
      return;
    }
    this.#generationId++;
    this.#protocolName = this.members.chooseProtocol();
    this.#subscribedTopics = subscribedTopics(this.members, this.#protocolName);
    if (this.members.size === 0) {
      this.#enter({ name: "Empty" });
      this.store();
    } else {
      this.#announceGeneration();
    }
  }

  #announceGeneration(): void {
    const { clock } = this.#cluster;
    const timer = clock.schedule(this.members.rebalanceTimeoutMs, () => this.#dropUnsynced());
    this.#enter({ name: "CompletingRebalance", syncs: { members: new Set([...this.members].map(({ id }) => id)), timer } });
    for (const member of this.members) {
      this.keepAlive(member);
      member.isNew = false;
      member.answerJoin(this.joinedAs(member));
    }
  }

  #dropUnsynced(): void {
    if (this.#current.name !== "CompletingRebalance" && this.#current.name !== "Stable") return;
    for (const id of this.#current.syncs.members) this.drop(id);
    this.startRebalance();
  }

  #expireSession(memberId: string): void {
    const member = this.members.get(memberId);
    if (member?.isExcusedFromHeartbeat === true) return;
    const { coordinators } = this.#cluster;
    if (member !== undefined && coordinators.isLoading(coordinators.partitionOf("group", this.id))) {
      // A coordinator that is still loading has counted no silence yet.
      this.keepAlive(member);
      return;
    }
    this.drop(memberId);
    if (this.state === "Stable" || this.state === "CompletingRebalance") {
      if (member !== undefined) this.startRebalance();
    } else if (this.members.haveAllJoined) {
      this.#completeJoin();
    }
  }

  #described(): Joined["members"] {
    return [...this.members].map((member) => ({
      memberId: member.id,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadataFor(this.#protocolName),
    }));
  }

  #answerAll(error: ErrorName): void {
    for (const member of this.members) {
      member.answerJoin({ error, memberId: member.id });
      member.answerSync({ error });
    }
  }

  #enter(next: ClassicGroupState): void {
    if (!validPreviousStates[next.name].includes(this.state))
      throw new TypeError(`a group cannot go from ${this.state} to ${next.name}`);
    this.#replaceState(next);
  }

  #replaceState(next: ClassicGroupState): void {
    const last = this.#current;
    if (last.name === "PreparingRebalance") last.joinTimer?.cancel();
    const keepsSyncs = "syncs" in last && "syncs" in next && last.syncs === next.syncs;
    if ("syncs" in last && !keepsSyncs) last.syncs.timer?.cancel();
    this.#current = next;
    this.#stateSinceMs = this.#cluster.clock.now();
  }
}
