import {
  type Draft,
  KafkaError,
  SHARE_GROUP_LEAVE_EPOCH,
  ShareGroupHeartbeat,
  type ShareGroupHeartbeatRequest,
  type ShareGroupHeartbeatResponse,
  type ShareGroupHeartbeatTopicPartitions,
} from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { BrokerError } from "../../errors.ts";
import { Goodbye } from "../goodbye.ts";
import type { ShareMemberEffect, ShareMemberEvent, ShareMemberRules, ShareMemberState } from "./share-member-state.ts";
import { OUTSIDE, shareMemberDueMs, shareMemberStep } from "./share-member-step.ts";

/** The share consumer whose membership it is. */
export interface ShareMemberHost {
  /** What it wants to read. */
  topics(): Iterable<string>;
  /** All that it is to read, from now on. */
  assigned(partitions: readonly ShareGroupHeartbeatTopicPartitions[]): void;
  /** Whoever polls next is told. */
  raise(error: KafkaError): void;
  /** Nobody has polled for so long, and it leaves the group until somebody does. */
  away(awayMs: number): void;
}

export interface ShareMembershipInit {
  readonly rules: ShareMemberRules;
  readonly cluster: () => Cluster;
  readonly groupId: string;
  readonly rackId: string | undefined;
  /** For its whole life; ours to choose. */
  readonly memberId: string;
  readonly clock: Clock;
  readonly host: ShareMemberHost;
}

const NONE = 0;
const JOINING = 0;

/** Performs what the state machine decides, and tells it how that went. */
export class ShareMembership {
  readonly #init: ShareMembershipInit;
  readonly #timer: CoarseTimer;
  readonly #closing = new AbortController();
  #state: ShareMemberState = OUTSIDE;
  #polledAtMs: number;
  #isPolling = false;
  /** Of lives in the group: answers to one that is over are nobody's. */
  #life = 0;
  readonly #goodbye = new Goodbye();

  constructor(init: ShareMembershipInit) {
    this.#init = init;
    this.#polledAtMs = init.clock.monotonic();
    this.#timer = new CoarseTimer(init.clock, () => {
      this.#tick();
      return this.#dueMs();
    });
  }

  get state(): ShareMemberState {
    return this.#state;
  }

  /** Somebody polls, from now on until `pollEnded`. */
  pollBegan(): void {
    this.#tick();
    this.#isPolling = true;
    this.#happened({ kind: "wanted" });
  }

  pollEnded(): void {
    this.#polledAtMs = this.#init.clock.monotonic();
    this.#isPolling = false;
  }

  /** It wants other topics. */
  subscribed(): void {
    this.#happened({ kind: "subscribed" });
  }

  /** Resolves when the coordinator knows, or at the deadline. Never rejects. */
  async leave(deadline: Deadline): Promise<void> {
    const hasWaited = await this.#goodbye.say(deadline, () => {
      this.#happened({ kind: "leave" });
      return this.#state.name === "LEAVING";
    });
    if (hasWaited) this.#happened({ kind: "left" });
  }

  /** Nothing is asked or told any more. */
  close(): void {
    this.#closing.abort(new Error("the share consumer is closed"));
    this.#timer.cancel();
  }

  #tick(): void {
    this.#happened({ kind: "time", polledAtMs: this.#lastPollMs() });
  }

  #lastPollMs(): number {
    return this.#isPolling ? this.#init.clock.monotonic() : this.#polledAtMs;
  }

  #dueMs(): number {
    return shareMemberDueMs(this.#state, this.#lastPollMs(), this.#init.rules);
  }

  #happened(event: ShareMemberEvent): void {
    if (this.#closing.signal.aborted) return;
    const before = this.#state;
    const { state, effects } = shareMemberStep(before, event, this.#init.clock.monotonic(), this.#init.rules);
    this.#state = state;
    const isOver = before.name === "MEMBER" && (state.name !== "MEMBER" || (state.epoch === JOINING && before.epoch !== JOINING));
    if (isOver) this.#life++;
    for (const effect of effects) this.#perform(effect);
    const at = this.#dueMs();
    if (Number.isFinite(at) && !this.#closing.signal.aborted) this.#timer.by(at);
  }

  #perform(effect: ShareMemberEffect): void {
    const { host } = this.#init;
    switch (effect.kind) {
      case "beat":
        void this.#beat(effect.epoch, effect.topics, this.#life);
        break;
      case "forget":
        host.assigned([]);
        break;
      case "away":
        host.away(effect.awayMs);
        break;
      case "raise":
        host.raise(effect.error);
        break;
      case "leave":
        void this.#sayGoodbye();
        break;
    }
  }

  async #beat(memberEpoch: number, topics: boolean, life: number): Promise<void> {
    const { groupId, memberId, rackId = null, host } = this.#init;
    const subscribedTopicNames = topics ? [...host.topics()].sort() : null;
    const event = await this.#outcomeOf({
      groupId,
      memberId,
      memberEpoch,
      rackId: memberEpoch === JOINING ? rackId : null,
      subscribedTopicNames,
    });
    if (life !== this.#life || event === undefined) return;
    const { assignment, told } = event;
    this.#happened(told);
    // After the answer has been taken in: it may be one that is too old.
    const isTaken = this.#state.name === "MEMBER" && this.#state.beat.failures === 0;
    if (assignment !== undefined && isTaken) host.assigned(assignment);
  }

  async #outcomeOf(
    body: Draft<ShareGroupHeartbeatRequest>,
  ): Promise<{ readonly told: ShareMemberEvent; readonly assignment?: readonly ShareGroupHeartbeatTopicPartitions[] } | undefined> {
    try {
      const { memberEpoch: epoch, heartbeatIntervalMs: intervalMs, assignment } = await this.#ask(body);
      const told = { kind: "answered", epoch, intervalMs } as const;
      return assignment === null ? { told } : { told, assignment: assignment.topicPartitions };
    } catch (error) {
      if (this.#closing.signal.aborted) return undefined;
      if (!(error instanceof KafkaError)) throw error;
      const isFinal = error instanceof BrokerError || !error.retriable;
      return { told: isFinal ? { kind: "refused", error } : { kind: "unanswered" } };
    }
  }

  /** G31: whoever is not known has left. */
  async #sayGoodbye(): Promise<void> {
    const { groupId, memberId } = this.#init;
    try {
      await this.#ask({ groupId, memberId, memberEpoch: SHARE_GROUP_LEAVE_EPOCH });
    } catch (error) {
      if (!(error instanceof KafkaError || this.#closing.signal.aborted)) throw error;
    }
    this.#goodbye.heard();
    this.#happened({ kind: "left" });
    // Somebody has come to poll meanwhile.
    if (this.#isPolling) this.#happened({ kind: "wanted" });
  }

  async #ask(body: Draft<ShareGroupHeartbeatRequest>): Promise<ShareGroupHeartbeatResponse> {
    const { cluster, clock, groupId } = this.#init;
    const deadline = new Deadline(clock, Number.POSITIVE_INFINITY, this.#closing.signal);
    const target = { kind: "coordinator", type: "group", key: groupId } as const;
    const errorsIn = ({ errorCode }: ShareGroupHeartbeatResponse): readonly number[] => [errorCode];
    const { body: answer } = await cluster().ask(ShareGroupHeartbeat, body, target, { deadline, retries: false, errorsIn });
    const { errorCode, errorMessage } = answer;
    if (errorCode !== NONE) throw new BrokerError(errorCode, { api: ShareGroupHeartbeat.name, group: groupId }, errorMessage);
    return answer;
  }
}
