import {
  CONSUMER_GROUP_LEAVE_EPOCH,
  CONSUMER_GROUP_STATIC_LEAVE_EPOCH,
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type ConsumerGroupHeartbeatTopicPartitions,
  type Draft,
  errorByName,
  KafkaError,
  UnsupportedVersionError,
} from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { RequestBody } from "../../connection/broker-connection.ts";
import { BrokerError, InvalidRegularExpressionError } from "../../errors.ts";
import { Goodbye } from "../goodbye.ts";
import type { RebalanceNews } from "../rebalance-news.ts";
import { isInDoubt } from "./doubt.ts";
import type { MemberEffect, MemberEvent, MemberRules, MemberState, News } from "./member-state.ts";
import { memberDueMs, memberStep, OUTSIDE } from "./member-step.ts";
import { isForgotten } from "./member-table.ts";

/** Partitions of a topic that goes by its id: its name may not be known yet. */
export type IdentifiedPartitions = ConsumerGroupHeartbeatTopicPartitions;

/** The consumer whose membership it is. */
export interface MemberHost {
  /** What it wants to read. */
  topics(): Iterable<string>;
  /** What its coordinator is to match topics by; undefined for nothing. */
  pattern(): string | undefined;
  /** What it holds now. */
  heldNow(): readonly IdentifiedPartitions[];
  /**
   * Brings what is held to this: lets go first (what is processed is committed, the user told), then takes what is new. What cannot be
   * named yet stays for later (G28), when `learned` is called. Never rejects.
   */
  reconcile(assigned: readonly IdentifiedPartitions[]): Promise<void>;
  /** Lets go of what others have by now. Never rejects. */
  release(): Promise<void>;
  /** Others have what is held, or are about to. */
  stopDelivering(because: string): void;
  /** When (monotonic) somebody has read last, as far as is known; now, if he is waiting to. */
  lastReadMs(): number;
  /** Whoever reads next is told. */
  raise(error: KafkaError): void;
  /** G12: for so long, and nothing is lost yet. */
  stoodStill(forMs: number): void;
  /** G12: it may be no member any more. Until this is resolved nothing may be handed out; what is lost by then, it has been told. */
  holdBack(until: Promise<void>): void;
  /** For who watches; that one begins with another assignment, the host sees itself. */
  rebalance(news: RebalanceNews): void;
  /** The coordinator has answered a heartbeat, after so long, whatever it said. */
  heartbeatAnswered(latencyMs: number): void;
}

export interface ConsumerProtocolMembershipInit {
  readonly rules: MemberRules;
  readonly cluster: () => Cluster;
  readonly groupId: string;
  readonly groupInstanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly remoteAssignor: string | undefined;
  /** How long it may take to let go of something. */
  readonly rebalanceTimeoutMs: number;
  /** For its whole life; ours to choose (KIP-1082). */
  readonly memberId: string;
  readonly clock: Clock;
  readonly host: MemberHost;
}

const NONE = 0;
const INVALID_PATTERN = errorByName("INVALID_REGULAR_EXPRESSION").code;
const FIRST_VERSION_WITH_PATTERNS = 1;
const SUBSCRIBED = "the consumer has subscribed";

/** Performs what the state machine decides, and tells it how that went. */
export class ConsumerProtocolMembership {
  readonly #init: ConsumerProtocolMembershipInit;
  readonly #timer: CoarseTimer;
  readonly #closing = new AbortController();
  #state: MemberState = OUTSIDE;
  #readAtMs: number;
  #assigned: readonly IdentifiedPartitions[] = [];
  /** Of lives in the group: answers to one that is over are nobody's. */
  #life = 0;
  readonly #goodbye = new Goodbye();
  /** Ends the doubt that there is. */
  #doubtless: (() => void) | undefined;

  constructor(init: ConsumerProtocolMembershipInit) {
    this.#init = init;
    this.#readAtMs = init.clock.monotonic();
    this.#timer = new CoarseTimer(init.clock, () => {
      this.#tick();
      return memberDueMs(this.#state, this.#readAtMs, init.rules);
    });
  }

  get state(): MemberState {
    return this.#state;
  }

  get memberId(): string {
    return this.#init.memberId;
  }

  /** In whose name it may commit; undefined for none. */
  get epoch(): number | undefined {
    return this.#state.name === "MEMBER" && this.#state.epoch > 0 ? this.#state.epoch : undefined;
  }

  /** Somebody reads. */
  read(): void {
    this.#tick();
    this.#readAtMs = this.#init.clock.monotonic();
    if (this.#state.name === "OUT" || this.#state.name === "DEAD") this.#happened({ kind: "wanted" });
    this.#arm();
  }

  /** It wants other topics. */
  subscribed(): void {
    this.#happened({ kind: "subscribed" });
  }

  /** Topics have got their names. */
  learned(): void {
    this.#happened({ kind: "learned" });
  }

  /** G24: a commit may be the first to hear that the coordinator does not know us any more; all else heartbeats hear as well. */
  commitRefused(error: KafkaError): void {
    if (isForgotten(error)) this.#happened({ kind: "refused", error });
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
    this.#closing.abort(new Error("the consumer is closed"));
    this.#timer.cancel();
    this.#doubtless?.();
  }

  #tick(): void {
    this.#readAtMs = Math.max(this.#readAtMs, this.#init.host.lastReadMs());
    this.#happened({ kind: "time", readAtMs: this.#readAtMs });
  }

  #happened(event: MemberEvent): void {
    if (this.#closing.signal.aborted) return;
    const { name: before } = this.#state;
    const { state, effects } = memberStep(this.#state, event, this.#init.clock.monotonic(), this.#init.rules);
    this.#state = state;
    if (before === "MEMBER" && state.name !== "MEMBER") this.#life++;
    const { host } = this.#init;
    if (before === "OUT" && state.name === "MEMBER") host.rebalance({ kind: "began", cause: SUBSCRIBED });
    if (event.kind === "reconciled" && state.name === "MEMBER") host.rebalance({ kind: "ended", generationId: state.epoch });
    for (const effect of effects) this.#perform(effect);
    this.#weigh();
    // Its end, after the loss: that is performed.
    const isOver = state.name === "DEAD" && before !== "DEAD" && !this.#closing.signal.aborted;
    if (isOver) host.rebalance({ kind: "failed", because: state.error.message });
    this.#arm();
  }

  /** After what the event came to: when the doubt ends, what was lost is gone. */
  #weigh(): void {
    if (isInDoubt(this.#state) === (this.#doubtless !== undefined)) return;
    if (this.#doubtless === undefined) {
      this.#init.host.holdBack(
        new Promise((resolve) => {
          this.#doubtless = resolve;
        }),
      );
      return;
    }
    this.#doubtless();
    this.#doubtless = undefined;
  }

  #arm(): void {
    if (this.#closing.signal.aborted) return;
    const at = memberDueMs(this.#state, this.#readAtMs, this.#init.rules);
    if (Number.isFinite(at)) this.#timer.by(at);
  }

  #perform(effect: MemberEffect): void {
    const { host } = this.#init;
    switch (effect.kind) {
      case "beat":
        void this.#beat(effect.epoch, effect.news, this.#life);
        break;
      case "reconcile":
        this.#then(host.reconcile(this.#assigned), { kind: "reconciled" });
        break;
      case "release":
        this.#assigned = [];
        this.#then(host.release(), { kind: "released" });
        break;
      case "leave":
        void this.#sayGoodbye(effect.stays);
        break;
      case "raise":
        host.raise(effect.error);
        break;
      case "stood still":
        host.stoodStill(effect.forMs);
        break;
      case "stop delivering":
        host.stopDelivering(effect.because);
        break;
    }
  }

  #then(telling: Promise<void>, event: MemberEvent): void {
    const life = this.#life;
    void telling.then(() => {
      if (life === this.#life) this.#happened(event);
    });
  }

  async #beat(epoch: number, news: News, life: number): Promise<void> {
    const sentAtMs = this.#init.clock.monotonic();
    const event = await this.#outcomeOf(this.#requestOf(epoch, news), sentAtMs);
    if (life === this.#life && event !== undefined) this.#happened(event);
  }

  async #outcomeOf(body: RequestBody<ConsumerGroupHeartbeatRequest>, sentAtMs: number): Promise<MemberEvent | undefined> {
    const life = this.#life;
    try {
      const { memberEpoch, heartbeatIntervalMs, assignment } = await this.#ask(body);
      if (assignment !== null && life === this.#life) this.#assigned = assignment.topicPartitions;
      return { kind: "answered", epoch: memberEpoch, intervalMs: heartbeatIntervalMs, isAssigned: assignment !== null, sentAtMs };
    } catch (error) {
      if (this.#closing.signal.aborted) return undefined;
      if (!(error instanceof KafkaError)) throw error;
      return error instanceof BrokerError || !error.retriable ? { kind: "refused", error } : { kind: "unanswered" };
    }
  }

  #requestOf(memberEpoch: number, { everything, topics, held }: News): RequestBody<ConsumerGroupHeartbeatRequest> {
    const {
      groupId,
      memberId,
      groupInstanceId = null,
      rackId = null,
      remoteAssignor = null,
      rebalanceTimeoutMs,
      host,
    } = this.#init;
    const partitions = memberEpoch === 0 ? [] : host.heldNow();
    const body: Draft<ConsumerGroupHeartbeatRequest> = {
      groupId,
      memberId,
      memberEpoch,
      instanceId: groupInstanceId,
      ...(everything && { rackId, rebalanceTimeoutMs, serverAssignor: remoteAssignor }),
      subscribedTopicNames: everything || topics ? [...host.topics()].sort() : null,
      topicPartitions: everything || held ? partitions : null,
    };
    if (!everything && !topics) return body;
    const pattern = host.pattern();
    return (version) => ({ ...body, subscribedTopicRegex: this.#patternIn(version, pattern) });
  }

  /** Null leaves it as it was: who comes back under a static name may have had another one. @throws UnsupportedVersionError */
  #patternIn(version: number, pattern: string | undefined): string | null {
    if (version >= FIRST_VERSION_WITH_PATTERNS) return pattern ?? (this.#init.groupInstanceId === undefined ? null : "");
    if (pattern === undefined) return null;
    throw new UnsupportedVersionError(
      "brokers before 4.0 match no patterns; subscribe to a RegExp instead of a SubscriptionPattern: the client matches that",
      { api: ConsumerGroupHeartbeat.name, version },
    );
  }

  /** G31: whoever is not known has left. */
  async #sayGoodbye(stays: boolean): Promise<void> {
    const { groupId, memberId, groupInstanceId = null } = this.#init;
    const memberEpoch = stays ? CONSUMER_GROUP_STATIC_LEAVE_EPOCH : CONSUMER_GROUP_LEAVE_EPOCH;
    this.#assigned = [];
    try {
      await this.#ask({ groupId, memberId, memberEpoch, instanceId: groupInstanceId });
    } catch (error) {
      if (!(error instanceof KafkaError || this.#closing.signal.aborted)) throw error;
    }
    this.#goodbye.heard();
  }

  async #ask(body: RequestBody<ConsumerGroupHeartbeatRequest>): Promise<ConsumerGroupHeartbeatResponse> {
    const { cluster, clock, groupId, host } = this.#init;
    const sentAtMs = clock.monotonic();
    const deadline = new Deadline(clock, Number.POSITIVE_INFINITY, this.#closing.signal);
    const target = { kind: "coordinator", type: "group", key: groupId } as const;
    const errorsIn = ({ errorCode }: ConsumerGroupHeartbeatResponse): readonly number[] => [errorCode];
    const { body: answer } = await cluster().ask(ConsumerGroupHeartbeat, body, target, { deadline, retries: false, errorsIn });
    const { errorCode, errorMessage } = answer;
    host.heartbeatAnswered(clock.monotonic() - sentAtMs);
    if (errorCode === NONE) return answer;
    const error = new BrokerError(errorCode, { api: ConsumerGroupHeartbeat.name, group: groupId }, errorMessage);
    if (errorCode !== INVALID_PATTERN) throw error;
    const { brokerMessage } = error;
    throw new InvalidRegularExpressionError(host.pattern() ?? "", { group: groupId, brokerMessage, cause: error });
  }
}
