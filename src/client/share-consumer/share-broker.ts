/** One broker's part: a share session with it, one request after the other, and what became of them. */
import {
  type Draft,
  FINAL_SHARE_SESSION_EPOCH,
  type KafkaError,
  SHARE_ACQUIRE_BATCH_OPTIMIZED,
  SHARE_ACQUIRE_RECORD_LIMIT,
  ShareAcknowledge,
  type ShareAcknowledgeResponse,
  ShareFetch,
  type ShareFetchPartitionData,
  type ShareFetchRequest,
  type ShareFetchResponse,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { backoffMs } from "../cluster/backoff.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import { BrokerError } from "../errors.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { notSent, outcomeIn, sessionOver, unknownSince, untold } from "./acknowledgement-failures.ts";
import type { Lease, LeaseHolder } from "./lease.ts";
import type { ShareFetcher } from "./share-fetcher.ts";
import type { SharePartition } from "./share-partitions.ts";
import { acknowledgedTopics, forgottenTopics, keyOf, leaderHintsOf } from "./share-requests.ts";
import { ShareSession } from "./share-session.ts";
import { isAboutSession } from "./share-verdict.ts";

const NONE = 0;
/** Before the broker could renew locks, or lock less than a batch. */
const FIRST_VERSION_WITH_RENEWALS = 2;
/** So many answers in a row that come sooner than that, and bring nothing, are too many. */
const MOST_IN_VAIN = 5;
const SHORTEST_WAIT_MS = 10;

export class ShareBroker implements LeaseHolder {
  readonly nodeId: number;
  readonly #fetcher: ShareFetcher;
  readonly #session = new ShareSession();
  #pending: Acknowledgement[] = [];
  #underway: Promise<void> | undefined;
  #failures = 0;
  #retryAtMs = 0;
  #inVain = 0;
  #isClosing = false;

  constructor(nodeId: number, fetcher: ShareFetcher) {
    this.nodeId = nodeId;
    this.#fetcher = fetcher;
  }

  isCurrent(life: number): boolean {
    return life === this.#session.life && !this.#session.isNew;
  }

  /** With the next request, whatever that is. */
  acknowledge(acknowledgement: Acknowledgement): void {
    const { lease } = acknowledgement;
    if (this.isCurrent(lease.life) && !this.#isClosing) this.#pending.push(acknowledgement);
    else acknowledgement.settle(sessionOver(lease));
  }

  /** Asks for what is wanted, and tells what is to be told, as far as that is possible now. */
  drain(): void {
    if (this.#underway !== undefined || this.#isClosing) return;
    if (this.#pending.length === 0 && !this.#isFetching()) return;
    this.#underway = this.#exchange().finally(() => {
      this.#underway = undefined;
      this.drain();
    });
  }

  /** Ends the session, with what is still to be told; what nobody has acknowledged is delivered to others. Never rejects. */
  async close(deadline: Deadline): Promise<void> {
    this.#isClosing = true;
    if (this.#underway !== undefined) {
      await deadline.race(this.#underway, () => new Error("a request is still under way")).catch(() => undefined);
    }
    const last = this.#pending.filter(({ isRenewal }) => !isRenewal);
    if (this.#underway === undefined && !this.#session.isNew) {
      this.#pending = this.#pending.filter(({ isRenewal }) => isRenewal);
      await this.#acknowledge(last, FINAL_SHARE_SESSION_EPOCH, deadline);
    }
    this.#restart();
  }

  #isFetching(): boolean {
    const now = this.#fetcher.now();
    if (!this.#fetcher.isWanted) return false;
    if (now < this.#retryAtMs) this.#fetcher.dueBy(this.#retryAtMs);
    else if (this.#fetcher.partitions.at(this.nodeId, now).length > 0) return true;
    return false;
  }

  /** One request. Never rejects. */
  async #exchange(): Promise<void> {
    const renewals = this.#pending.filter(({ isRenewal }) => isRenewal);
    if (renewals.length > 0) {
      this.#pending = this.#pending.filter(({ isRenewal }) => !isRenewal);
      await this.#acknowledge(renewals, this.#session.epoch, this.#unlimited());
      return;
    }
    const wanted = this.#isFetching() ? this.#fetcher.partitions.at(this.nodeId, this.#fetcher.now()) : [];
    const keys = new Set(wanted.map(keyOf));
    // Named in a fetch, a partition that is not read any more would be read again.
    const isAllWanted = this.#pending.every(({ lease }) => keys.has(keyOf(lease)));
    if (wanted.length > 0 && isAllWanted) {
      await this.#fetch(wanted);
      return;
    }
    const acknowledgements = this.#pending;
    this.#pending = [];
    await this.#acknowledge(acknowledgements, this.#session.epoch, this.#unlimited());
  }

  #unlimited(): Deadline {
    return new Deadline(this.#fetcher.clock, Number.POSITIVE_INFINITY, this.#fetcher.closing);
  }

  async #connect(deadline: Deadline): Promise<BrokerConnection> {
    return this.#fetcher.connection(this.nodeId, deadline);
  }

  async #acknowledge(acknowledgements: readonly Acknowledgement[], shareSessionEpoch: number, deadline: Deadline): Promise<void> {
    const { groupId, memberId } = this.#fetcher;
    const isRenewAck = acknowledgements.some(({ isRenewal }) => isRenewal);
    const body = { groupId, memberId, shareSessionEpoch, isRenewAck, topics: acknowledgedTopics([], acknowledgements) };
    const sentAtMs = this.#fetcher.now();
    let answer: ShareAcknowledgeResponse;
    let broker: string;
    try {
      const connection = await this.#connect(deadline);
      ({ broker } = connection.facts);
      const limits = isRenewAck ? { atLeast: FIRST_VERSION_WITH_RENEWALS } : {};
      ({ body: answer } = await connection.ask(ShareAcknowledge, body, deadline, limits));
    } catch (error) {
      this.#failed(error, acknowledgements, ShareAcknowledge.name);
      return;
    }
    if (answer.errorCode !== NONE) {
      const { errorCode, errorMessage } = answer;
      this.#refused(new BrokerError(errorCode, { api: ShareAcknowledge.name, broker }, errorMessage), acknowledgements);
      return;
    }
    this.#answered(answer);
    const codes = new Map<string, readonly [code: number, message: string | null]>();
    for (const { topicId, partitions } of answer.responses) {
      for (const { partitionIndex: partition, errorCode, errorMessage } of partitions) {
        codes.set(keyOf({ topicId, partition }), [errorCode, errorMessage]);
      }
    }
    const lockedUntilMs = this.#lockedUntil(sentAtMs, answer.acquisitionLockTimeoutMs);
    this.#settle(acknowledgements, codes, { api: ShareAcknowledge.name, broker }, lockedUntilMs);
  }

  async #fetch(wanted: readonly SharePartition[]): Promise<void> {
    const { config } = this.#fetcher;
    const isLimited = config.shareAcquireMode === "record_limit";
    const sentAtMs = this.#fetcher.now();
    let answer: ShareFetchResponse;
    let broker: string;
    let acknowledgements: readonly Acknowledgement[] = [];
    try {
      const deadline = this.#unlimited();
      const connection = await this.#connect(deadline);
      ({ broker } = connection.facts);
      const limits = isLimited ? { atLeast: FIRST_VERSION_WITH_RENEWALS } : {};
      connection.versions.choose(ShareFetch, limits);
      // While it was connected to, nobody has gone on waiting: nothing is locked that nobody takes.
      if (!this.#fetcher.isWanted) return;
      // Only now is it certain that they go with it.
      acknowledgements = this.#pending;
      this.#pending = [];
      ({ body: answer } = await connection.ask(ShareFetch, this.#fetchBody(wanted, acknowledgements), deadline, limits));
    } catch (error) {
      this.#failed(error, acknowledgements, ShareFetch.name);
      return;
    }
    if (answer.errorCode !== NONE) {
      const { errorCode, errorMessage } = answer;
      this.#refused(new BrokerError(errorCode, { api: ShareFetch.name, broker }, errorMessage), acknowledgements);
      return;
    }
    this.#answered(answer);
    this.#take(answer, { wanted, acknowledgements, broker, sentAtMs });
  }

  #fetchBody(wanted: readonly SharePartition[], acknowledgements: readonly Acknowledgement[]): Draft<ShareFetchRequest> {
    const { config, groupId, memberId } = this.#fetcher;
    const { maxPollRecords, fetchMaxWaitMs: maxWaitMs, fetchMinBytes: minBytes, shareAcquireMode } = config;
    const shareSessionEpoch = this.#session.epoch;
    const { named, forgotten } = this.#session.changes(wanted);
    return {
      groupId,
      memberId,
      shareSessionEpoch,
      maxWaitMs,
      minBytes,
      maxBytes: this.#fetcher.maxBytes(),
      maxRecords: maxPollRecords,
      batchSize: maxPollRecords,
      shareAcquireMode: shareAcquireMode === "record_limit" ? SHARE_ACQUIRE_RECORD_LIMIT : SHARE_ACQUIRE_BATCH_OPTIMIZED,
      topics: acknowledgedTopics(named, acknowledgements),
      forgottenTopicsData: forgottenTopics(forgotten),
    };
  }

  #take(
    answer: ShareFetchResponse,
    {
      wanted,
      acknowledgements,
      broker,
      sentAtMs,
    }: {
      readonly wanted: readonly SharePartition[];
      readonly acknowledgements: readonly Acknowledgement[];
      readonly broker: string;
      readonly sentAtMs: number;
    },
  ): void {
    const asked = new Map(wanted.map((one) => [keyOf(one), one]));
    const codes = new Map<string, readonly [code: number, message: string | null]>();
    // While it waited for records it had none to lock.
    const grantedAtMs = Math.min(this.#fetcher.now(), sentAtMs + this.#fetcher.config.fetchMaxWaitMs);
    const lockedUntilMs = this.#lockedUntil(grantedAtMs, answer.acquisitionLockTimeoutMs);
    let hasRecords = false;
    let bytes = 0;
    for (const { topicId, partitions } of answer.responses) {
      for (const data of partitions) {
        const key = keyOf({ topicId, partition: data.partitionIndex });
        const partition = asked.get(key);
        // The first one counts, and nobody asked for others.
        if (partition === undefined || codes.has(key)) continue;
        codes.set(key, [data.acknowledgeErrorCode, data.acknowledgeErrorMessage]);
        bytes += data.records.length;
        if (this.#took(partition, data, broker, lockedUntilMs)) hasRecords = true;
      }
    }
    this.#settle(acknowledgements, codes, { api: ShareFetch.name, broker }, lockedUntilMs);
    this.#fetcher.metrics?.fetchAnswered(this.#fetcher.now() - sentAtMs, bytes);
    this.#heed(hasRecords || acknowledgements.length > 0, sentAtMs);
  }

  /** Whether there were records. */
  #took(partition: SharePartition, data: ShareFetchPartitionData, broker: string, lockedUntilMs: number): boolean {
    const { topic, topicId } = partition;
    if (data.errorCode !== NONE) {
      const place = { topic: topic ?? topicId, partition: partition.partition };
      const context = { api: ShareFetch.name, broker, ...place };
      this.#fetcher.refused(partition, new BrokerError(data.errorCode, context, data.errorMessage), this.nodeId);
      return false;
    }
    partition.failures = 0;
    if (topic === undefined || data.acquiredRecords.length === 0) return false;
    const { life } = this.#session;
    const lease: Lease = { holder: this, life, topic, topicId, partition: partition.partition, lockedUntilMs };
    return this.#fetcher.took(lease, data);
  }

  #lockedUntil(grantedAtMs: number, lockTimeoutMs: number): number {
    if (lockTimeoutMs <= 0) return Number.POSITIVE_INFINITY;
    this.#fetcher.lockTimeoutMs = lockTimeoutMs;
    return grantedAtMs + lockTimeoutMs;
  }

  #settle(
    acknowledgements: readonly Acknowledgement[],
    codes: ReadonlyMap<string, readonly [code: number, message: string | null]>,
    context: { readonly api: string; readonly broker: string },
    lockedUntilMs: number,
  ): void {
    for (const acknowledgement of acknowledgements) {
      const { lease, renewed } = acknowledgement;
      const found = codes.get(keyOf(lease));
      if (found === undefined) acknowledgement.settle(untold(lease));
      else if (found[0] !== NONE) {
        const { topic, partition } = lease;
        acknowledgement.settle(new BrokerError(found[0], { ...context, topic, partition }, found[1]));
      } else {
        acknowledgement.settle(undefined);
        if (renewed !== undefined) this.#fetcher.renewed(renewed.under({ ...lease, lockedUntilMs }));
      }
    }
  }

  #answered(answer: ShareFetchResponse | ShareAcknowledgeResponse): void {
    this.#session.answered();
    this.#failures = 0;
    const hints = leaderHintsOf(answer);
    if (hints.leaders.length > 0) this.#fetcher.learnLeaders(hints);
  }

  /** A broker that answers at once, and with nothing, would be asked without end. */
  #heed(wasUseful: boolean, sentAtMs: number): void {
    const now = this.#fetcher.now();
    this.#inVain = wasUseful || now - sentAtMs >= SHORTEST_WAIT_MS ? 0 : this.#inVain + 1;
    if (this.#inVain >= MOST_IN_VAIN) this.#backOff(this.#inVain - MOST_IN_VAIN + 1);
  }

  /** The whole request was refused. */
  #refused(error: BrokerError, acknowledgements: readonly Acknowledgement[]): void {
    for (const one of acknowledgements) one.settle(error);
    this.#failures++;
    const isSessionLost = isAboutSession(error.code);
    if (isSessionLost) this.#restart();
    else this.#session.answered();
    if (!isSessionLost || this.#failures > 1) this.#backOff(this.#failures);
    if (!isSessionLost) this.#fetcher.brokerRefused(error);
  }

  /** No answer, or none that can be read. */
  #failed(error: unknown, acknowledgements: readonly Acknowledgement[], api: string): void {
    if (error instanceof UnsupportedVersionError) {
      // Nothing was sent, and nothing is lost but what this broker cannot do.
      for (const one of acknowledgements) one.settle(error);
      if (api === ShareFetch.name) this.#fetcher.raise(error);
      this.#backOff(++this.#failures);
      return;
    }
    const cause = this.#fetcher.kafkaError(error);
    const outcome = outcomeIn(cause);
    for (const one of acknowledgements)
      one.settle(outcome === "unknown" ? unknownSince(one.lease, cause) : notSent(one.lease, cause));
    this.#restart(cause);
    this.#backOff(++this.#failures);
    this.#fetcher.brokerFailed(cause, api);
  }

  #backOff(failures: number): void {
    const { config, random } = this.#fetcher;
    this.#retryAtMs = this.#fetcher.now() + backoffMs(failures, config, random);
    this.#fetcher.dueBy(this.#retryAtMs);
  }

  /** What was locked is not any more. */
  #restart(cause?: KafkaError): void {
    this.#session.restart();
    const lost = this.#pending;
    this.#pending = [];
    for (const one of lost) one.settle(cause === undefined ? sessionOver(one.lease) : notSent(one.lease, cause));
  }
}
