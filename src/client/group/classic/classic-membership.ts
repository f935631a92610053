import { type JoinGroupMember, KafkaError, type SyncGroupAssignment } from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import type { TopicPartition } from "../../consumer/topic-partition.ts";
import { BrokerError } from "../../errors.ts";
import type { PartitionAssignor, TopicRacks } from "../assignors/assignor.ts";
import { Goodbye } from "../goodbye.ts";
import type { RebalanceNews } from "../rebalance-news.ts";
import { type GroupCalls, JoinRefusedError } from "./group-calls.ts";
import { areSeenTo, assignedIn, assignmentsOf, membersFrom, protocolsOf } from "./group-messages.ts";
import type {
  Generation,
  GroupRequest,
  MembershipEffect,
  MembershipEvent,
  MembershipRules,
  MembershipState,
  Release,
} from "./membership-state.ts";
import { rebalancesIn } from "./rebalances.ts";
import { dueMs, OUTSIDE, step } from "./step.ts";

/** The consumer whose membership it is. */
export interface MembershipHost {
  /** What it wants to read. */
  topics(): Iterable<string>;
  /** All partitions of these. */
  partitionsOfTopics(deadline: Deadline): Promise<readonly TopicPartition[]>;
  /** What it holds now. */
  heldNow(): readonly TopicPartition[];
  /** G22: of all topics that any member wants, known to us before or not. */
  racksOf(topics: ReadonlySet<string>, deadline: Deadline): Promise<TopicRacks>;
  /** Lets go; resolves when what is processed is committed, and the user told. Never rejects. */
  release(release: Release): Promise<void>;
  /** Reads these; resolves when the user has been told, to whether it has let go of something for it. Never rejects. */
  settle(partitions: readonly TopicPartition[]): Promise<boolean>;
  /** Others have what is held, or are about to. */
  stopDelivering(because: string): void;
  /** When (monotonic) somebody has read last, as far as is known; now, if he is waiting to. */
  lastReadMs(): number;
  /** Whoever reads next is told. */
  raise(error: KafkaError): void;
  /** G12: for so long, and nothing is lost yet. */
  stoodStill(forMs: number): void;
  /** For who watches. */
  rebalance(news: RebalanceNews): void;
  /** Whether some partition belongs to nobody, which only another rebalance would cure. */
  cannotLook(error: KafkaError): void;
  /** G21. */
  unreadableMember(memberId: string, error: Error): void;
}

export interface ClassicMembershipInit {
  readonly rules: MembershipRules;
  readonly calls: GroupCalls;
  readonly assignors: readonly PartitionAssignor[];
  readonly rackId: string | undefined;
  readonly clock: Clock;
  readonly host: MembershipHost;
}

/** What the host has only to hear. */
type News = Extract<MembershipEffect, { readonly kind: "raise" | "stood still" | "cannot look" | "stop delivering" }>;

const NO_GENERATION = -1;

/** Performs what the state machine decides, and tells it how that went. */
export class ClassicMembership {
  readonly #init: ClassicMembershipInit;
  readonly #timer: CoarseTimer;
  #state: MembershipState = OUTSIDE;
  #readAtMs: number;
  /** Why it joins next, for the broker's log. */
  #reason = "the consumer has subscribed";
  #assigned: readonly TopicPartition[] = [];
  /** The one it is in, and the one in which it was assigned something last. */
  #generationId = NO_GENERATION;
  #lastGenerationId = NO_GENERATION;
  /** The one that it has joined last, whether it has got as far as being assigned something in it or not. */
  #joined: Generation | undefined;
  /** What the leader has worked out, until it is sent. */
  #shares: readonly SyncGroupAssignment[] = [];
  /** Ends what is on its way: answers to a life that is over are nobody's. */
  #asking = new AbortController();
  readonly #closing = new AbortController();
  readonly #goodbye = new Goodbye();
  #tellings = 0;
  /** Of the answer to JoinGroup, for the leader. */
  #members: readonly JoinGroupMember[] = [];
  #mayShare = true;

  constructor(init: ClassicMembershipInit) {
    this.#init = init;
    this.#readAtMs = init.clock.monotonic();
    this.#timer = new CoarseTimer(init.clock, () => {
      this.#tick();
      return dueMs(this.#state, this.#readAtMs, init.rules);
    });
  }

  get state(): MembershipState {
    return this.#state;
  }

  /** The generation in whose name it may commit; undefined for none. */
  get generation(): Generation | undefined {
    const { state } = this;
    if (state.name === "MEMBER" || state.name === "SYNCING" || state.name === "PREPARING") return state.generation;
    // Of what it keeps while it joins: until all have come, the coordinator counts by the generation before.
    const hasKept = state.name === "JOINING" && Number.isFinite(state.keepsUntilMs);
    return hasKept ? this.#joined : undefined;
  }

  /** As the coordinator knows it; empty if it does not. */
  get memberId(): string {
    const { state } = this;
    if (state.name === "MEMBER" || state.name === "SYNCING") return state.generation.memberId;
    return state.name === "LEAVING" || state.name === "DEAD" ? "" : state.memberId;
  }

  /** Somebody reads. */
  read(): void {
    this.#tick();
    this.#readAtMs = this.#now();
    if (this.#state.name === "OUT" || this.#state.name === "DEAD") this.#happened({ kind: "wanted" });
    this.#arm();
  }

  /** The group has to come together again. */
  comeTogether(reason: string): void {
    this.#reason = reason;
    this.#happened({ kind: "stale" });
  }

  /** A commit was refused. */
  commitRefused(error: KafkaError, generationId: number): void {
    this.#happened({ kind: "refused", request: "commit", error, generationId });
  }

  /** Resolves when the coordinator knows, or at the deadline. Never rejects. `leaveGroup`: by default static members stay, and others leave. */
  async leave(deadline: Deadline, leaveGroup?: boolean): Promise<void> {
    const hasWaited = await this.#goodbye.say(deadline, () => {
      this.#happened({ kind: "leave", leaveGroup });
      return this.#state.name === "LEAVING";
    });
    if (hasWaited) this.#happened({ kind: "left" });
  }

  /** Nothing is asked or told any more. */
  close(): void {
    const reason = new Error("the consumer is closed");
    this.#asking.abort(reason);
    this.#closing.abort(reason);
    this.#tellings++;
    this.#timer.cancel();
  }

  #now(): number {
    return this.#init.clock.monotonic();
  }

  #tick(): void {
    this.#readAtMs = Math.max(this.#readAtMs, this.#init.host.lastReadMs());
    this.#happened({ kind: "time", readAtMs: this.#readAtMs });
  }

  #happened(event: MembershipEvent): void {
    if (this.#closing.signal.aborted) return;
    const { rules } = this.#init;
    const before = this.#state;
    const { state, effects } = step(before, event, this.#now(), rules);
    this.#state = state;
    // What is lost is heard of first: that is why it has begun, or failed.
    const isLoss = effects.some(({ kind }) => kind === "stop delivering");
    if (!isLoss) this.#tell(before, event, state);
    for (const effect of effects) this.#perform(effect);
    if (isLoss) this.#tell(before, event, state);
    this.#arm();
  }

  #tell(before: MembershipState, event: MembershipEvent, after: MembershipState): void {
    if (this.#closing.signal.aborted) return;
    for (const news of rebalancesIn(before, event, after, this.#reason)) {
      if (news.kind === "began") this.#reason = news.cause;
      this.#init.host.rebalance(news);
    }
  }

  #arm(): void {
    if (this.#closing.signal.aborted) return;
    const at = dueMs(this.#state, this.#readAtMs, this.#init.rules);
    if (Number.isFinite(at)) this.#timer.by(at);
  }

  #perform(effect: MembershipEffect): void {
    const { host } = this.#init;
    switch (effect.kind) {
      case "release":
        if (effect.release === "lost") this.#forget();
        this.#toldThen(host.release(effect.release), () => ({ kind: "prepared" }));
        break;
      case "join":
        void this.#join(effect.memberId, this.#anew());
        break;
      case "share":
        void this.#share(effect.generation, this.#asking.signal);
        break;
      case "sync":
        void this.#sync(effect.generation, this.#asking.signal);
        break;
      case "settle":
        this.#toldThen(host.settle(this.#assigned), (hasReleased) => ({ kind: "settled", hasReleased }));
        break;
      case "beat":
        void this.#beat(effect.generation);
        break;
      case "look":
        void this.#look(effect.generation);
        break;
      case "leave":
        void this.#leave(effect.memberId, effect.reason);
        break;
      default:
        this.#say(effect);
    }
  }

  #say(effect: News): void {
    const { host } = this.#init;
    switch (effect.kind) {
      case "raise":
        host.raise(effect.error);
        break;
      case "stood still":
        host.stoodStill(effect.forMs);
        break;
      case "cannot look":
        host.cannotLook(effect.error);
        break;
      case "stop delivering":
        host.stopDelivering(effect.because);
        break;
    }
  }

  /** Of what the user is told one after the other, only the end of the last matters. */
  #toldThen<T>(telling: Promise<T>, event: (told: T) => MembershipEvent): void {
    const order = ++this.#tellings;
    void telling.then((told) => {
      if (order === this.#tellings) this.#happened(event(told));
    });
  }

  #forget(): void {
    this.#generationId = NO_GENERATION;
    this.#joined = undefined;
  }

  /** Whatever was asked before is no longer waited for. */
  #anew(): AbortSignal {
    this.#asking.abort(new Error("the member joins anew"));
    this.#asking = new AbortController();
    return this.#asking.signal;
  }

  async #join(memberId: string, signal: AbortSignal): Promise<void> {
    const { calls, assignors, host, rackId } = this.#init;
    const member = {
      topics: host.topics(),
      ownedPartitions: host.heldNow(),
      lastAssignment: this.#assigned,
      generationId: this.#generationId,
      lastGenerationId: this.#lastGenerationId,
      rackId,
    };
    await this.#asked("join", NO_GENERATION, signal, async (deadline) => {
      const answer = await calls.join(memberId, protocolsOf(assignors, member), this.#reason, deadline);
      const { generationId, protocolName, leader, members, skipAssignment } = answer;
      const generation = { memberId: answer.memberId, generationId, assignor: protocolName ?? "" };
      this.#joined = generation;
      this.#members = members;
      this.#mayShare = !skipAssignment;
      this.#happened({ kind: "joined", generation, isLeader: leader === answer.memberId, skipAssignment });
    });
  }

  async #share(generation: Generation, signal: AbortSignal): Promise<void> {
    const { assignors, host } = this.#init;
    await this.#asked("sync", generation.generationId, signal, async (deadline) => {
      const assignor = assignors.find(({ name }) => name === generation.assignor);
      const members = membersFrom(this.#members, (memberId, error) => host.unreadableMember(memberId, error));
      // Also by who comes back to what he had, and shares nothing (KIP-814): he leads, so nobody else looks after the topics.
      const racks = await host.racksOf(new Set(members.flatMap(({ topics }) => topics)), deadline);
      signal.throwIfAborted();
      if (this.#mayShare && assignor !== undefined) this.#shares = assignmentsOf(assignor.assign(racks, members));
      this.#members = [];
      this.#happened({ kind: "shared" });
    });
  }

  async #sync(generation: Generation, signal: AbortSignal): Promise<void> {
    const shares = this.#shares;
    this.#shares = [];
    await this.#asked("sync", generation.generationId, signal, async (deadline) => {
      this.#assigned = assignedIn(await this.#init.calls.sync(generation, shares, deadline));
      this.#generationId = generation.generationId;
      this.#lastGenerationId = generation.generationId;
      this.#happened({ kind: "synced" });
    });
  }

  async #beat(generation: Generation): Promise<void> {
    const { generationId } = generation;
    const sentAtMs = this.#now();
    const beat = async (deadline: Deadline): Promise<void> => {
      await this.#init.calls.heartbeat(generation, deadline);
      this.#happened({ kind: "heard", generationId, sentAtMs });
    };
    await this.#asked("heartbeat", generationId, this.#closing.signal, beat, { sentAtMs });
  }

  /** It costs nothing but an answer if it fails: the member stays what it is. */
  async #look({ generationId }: Generation): Promise<void> {
    const { calls, host } = this.#init;
    const { signal } = this.#closing;
    try {
      const deadline = this.#deadline(signal);
      const wanted = await host.partitionsOfTopics(deadline);
      const members = await calls.members(deadline);
      const isWhole = members === undefined || areSeenTo(wanted, members);
      this.#happened({ kind: "looked", generationId, isWhole });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KafkaError)) throw error;
      this.#happened({ kind: "unseen", generationId, error });
    }
  }

  /** G31: whoever is not known has left. */
  async #leave(memberId: string, reason: string): Promise<void> {
    try {
      await this.#init.calls.leave(memberId, reason, this.#deadline(this.#closing.signal));
    } catch (error) {
      if (!(error instanceof KafkaError) && !this.#closing.signal.aborted) throw error;
    }
    this.#goodbye.heard();
  }

  /** Tells what went wrong, unless nobody waits for it any more. */
  async #asked(
    request: GroupRequest,
    generationId: number,
    signal: AbortSignal,
    ask: (deadline: Deadline) => Promise<void>,
    more: { readonly sentAtMs?: number } = {},
  ): Promise<void> {
    try {
      await ask(this.#deadline(signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KafkaError)) throw error;
      // What no further attempt would cure (no such version, bytes that cannot be read) is told as a refusal is.
      if (!(error instanceof BrokerError) && error.retriable) this.#happened({ kind: "unanswered", request, generationId });
      else {
        const given = error instanceof JoinRefusedError ? { memberId: error.memberId } : {};
        this.#happened({ kind: "refused", request, error, generationId, ...more, ...given });
      }
    }
  }

  #deadline(signal: AbortSignal): Deadline {
    return new Deadline(this.#init.clock, Number.POSITIVE_INFINITY, signal);
  }
}
