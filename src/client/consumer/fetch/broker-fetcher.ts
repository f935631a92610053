/** What one broker is asked for: one request after the other in its session, and beside it what cannot wait. */
import { decodeResponse, Fetch, type FetchResponse, type KafkaError } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import { leaderHintsOfFetch } from "../../cluster/leader-hints.ts";
import { AnswerTooLargeError } from "../../connection/frame-size-problem.ts";
import { BrokerError } from "../../errors.ts";
import { AnswerMemory } from "../records/answer-memory.ts";
import { answeredBytes } from "./answered-bytes.ts";
import { type AskedPartition, QuestionIndex, questionFor } from "./asked-partition.ts";
import { type FetchLane, FetchLanes, type FetchPath } from "./fetch-lanes.ts";
import type { BrokerOutlook } from "./fetch-outlook.ts";
import { encodeFetch, FIRST_VERSION_WITH_IDS, FIRST_VERSION_WITH_SESSIONS } from "./fetch-request.ts";
import { FetchSession, type SessionHead, type SessionRequest } from "./fetch-session.ts";
import type { FetchSlot } from "./fetch-slot.ts";
import { verdictOfAnswer } from "./fetch-verdict.ts";
import type { Fetcher } from "./fetcher.ts";
import { IdleWait } from "./idle-wait.ts";

/** A request on its way. */
interface Flight {
  readonly lane: FetchLane;
  readonly version: number;
  readonly request: SessionRequest<AskedPartition>;
  readonly maxBytes: number;
  readonly sentAtMs: number;
  /** How long the broker waits for records, if it does. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** The broker may wait for records, as far as we know. */
  readonly mayWait: boolean;
  readonly find: (label: string, partition: number) => AskedPartition | undefined;
}

const NONE = 0;
/** An answer that cannot be read is not told before it was asked for that often. */
const MOST_UNREADABLE = 3;
/** So many answers in a row that come sooner than that, and bring nothing, are too many. */
const MOST_IN_VAIN = 5;
const SHORTEST_WAIT_MS = 10;

export class BrokerFetcher {
  readonly nodeId: number;
  /** Partitions that are to be looked at now. */
  readonly #dirty = new Set<FetchSlot>();
  /** Those that can wait until the next request in the session. */
  readonly #later = new Set<FetchSlot>();
  readonly #fetcher: Fetcher;
  readonly #session = new FetchSession<FetchSlot, AskedPartition>();
  #main: Flight | undefined;
  #express: Flight | undefined;
  readonly #lanes: FetchLanes;
  /** In a row, and the last of them. */
  #failures = 0;
  #failure: KafkaError | undefined;
  #answeredAtMs: number | undefined;
  #startsAnew = false;
  #retryAtMs = 0;
  #inVain = 0;
  readonly #wait: IdleWait;
  /** When those that the request in the session leaves out are asked for beside it once more. */
  #againAtMs = Number.POSITIVE_INFINITY;

  constructor(nodeId: number, fetcher: Fetcher) {
    this.nodeId = nodeId;
    this.#fetcher = fetcher;
    this.#wait = new IdleWait(fetcher.config);
    this.#lanes = new FetchLanes(nodeId, fetcher, (error) => this.#failed(error));
  }

  get requestsInFlight(): number {
    return Number(this.#main !== undefined) + Number(this.#express !== undefined);
  }

  /** What its answers may bring. */
  get askedBytes(): number {
    return (this.#main?.maxBytes ?? 0) + (this.#express?.maxBytes ?? 0);
  }

  /** Whether it has, or is about to have, something to be asked for. */
  get isActive(): boolean {
    return this.#session.size > 0 || this.#dirty.size > 0;
  }

  /** How it stands with that partition, for whoever wants to know why nothing comes. */
  outlook(slot: FetchSlot): BrokerOutlook {
    const flight = slot.isOnExpress ? this.#express : this.#main;
    return {
      isAsked: slot.isOnExpress || this.#session.get(slot) !== undefined,
      sentAtMs: flight?.sentAtMs,
      answeredAtMs: this.#answeredAtMs,
      isConnecting: this.#lanes.isConnecting,
      failure: this.#failure,
    };
  }

  /** With the next request the session begins anew: perhaps the broker's is not what we take it for. */
  startAnew(): void {
    // The answer that is waited for still belongs to the one that there is.
    if (this.#main === undefined) this.#session.restart();
    else this.#startsAnew = true;
  }

  /** Something about that partition is different. */
  look(slot: FetchSlot): void {
    this.#dirty.add(slot);
  }

  /** S6: what ends its session, if it has one. */
  endSession(): SessionHead | undefined {
    return this.#session.end();
  }

  /** Asks for what is wanted, as far as that is possible now. */
  drain(): void {
    const now = this.#fetcher.now();
    if (this.#main !== undefined) {
      if (!this.#main.mayWait || this.#express !== undefined) return;
      if (now >= this.#againAtMs) this.#lookAgain();
      if (this.#dirty.size > 0) this.#askBeside(now, this.#main);
      return;
    }
    this.#againAtMs = Number.POSITIVE_INFINITY;
    this.#settleAll(now);
    if (this.#session.size > 0 && !this.#isPausing(now)) this.#askMain(now);
  }

  #settleAll(now: number): void {
    for (const slot of this.#later) this.#dirty.add(slot);
    for (const slot of this.#dirty) this.#settle(slot, now);
    this.#later.clear();
    this.#dirty.clear();
  }

  #isPausing(now: number): boolean {
    if (now >= this.#retryAtMs) return false;
    this.#fetcher.dueBy(this.#retryAtMs);
    return true;
  }

  /** What the next request in the session is to say of it. */
  #settle(slot: FetchSlot, now: number): void {
    const isWanted = slot.nodeId === this.nodeId && !slot.isOnExpress && this.#fetcher.isFetchable(slot, now);
    const leadership = isWanted ? this.#fetcher.leadershipOf(slot) : undefined;
    if (leadership === undefined) this.#session.drop(slot);
    else this.#session.want(slot, questionFor(slot, this.nodeId, leadership, this.#fetcher.config.isolationLevel));
    slot.seen(leadership !== undefined);
  }

  #askMain(now: number): void {
    const maxBytes = this.#fetcher.maxBytes();
    const path = maxBytes === undefined ? undefined : this.#lanes.path("fetch", this.#session.hasIds, now);
    if (maxBytes === undefined || path === undefined) return;
    const { version } = path;
    const { enableIncrementalFetchSessions, fetchMaxWaitMs, fetchMinBytes } = this.#fetcher.config;
    const request = this.#session.next({
      usesSessions: enableIncrementalFetchSessions && version >= FIRST_VERSION_WITH_SESSIONS,
      usesIds: version >= FIRST_VERSION_WITH_IDS,
    });
    // With more than a byte to wait for, also a broker that has something may wait.
    const mayWait = fetchMinBytes > 1 || !this.#session.isAnyBehind;
    // Followers of old releases let readers wait to the end, whatever comes.
    const maxWaitMs = mayWait && !this.#session.isAnyOfFollower ? this.#wait.ms : fetchMaxWaitMs;
    const find = (label: string, partition: number): AskedPartition | undefined => this.#session.find(label, partition);
    const limits = { maxBytes, maxWaitMs, minBytes: fetchMinBytes };
    this.#main = { lane: "fetch", version, request, ...limits, sentAtMs: now, mayWait, find };
    this.#send(path, this.#main);
  }

  /** While the broker waits for records of others, what has become fetchable is asked for on another connection, and never waits. */
  #askBeside(now: number, main: Flight): void {
    if (this.#isPausing(now)) return;
    const named: AskedPartition[] = [];
    for (const slot of this.#dirty) {
      const question = this.#questionBeside(slot, now);
      if (question !== undefined) named.push(question);
      else {
        this.#dirty.delete(slot);
        this.#later.add(slot);
        if (this.#isLeftOut(slot, now)) this.#lookAgainBy(now, main);
      }
    }
    const maxBytes = named.length === 0 ? undefined : this.#fetcher.maxBytes();
    const hasIds = named.every(({ topicId }) => topicId !== undefined);
    const path = maxBytes === undefined ? undefined : this.#lanes.path("express", hasIds, now);
    if (maxBytes === undefined || path === undefined) return;
    const { version } = path;
    const index = new QuestionIndex<AskedPartition>(version >= FIRST_VERSION_WITH_IDS);
    for (const question of named) {
      index.set(question);
      question.slot.leftBeside();
    }
    const request = { sessionId: 0, sessionEpoch: -1, isFull: true, named, forgotten: [] };
    const find = (label: string, partition: number): AskedPartition | undefined => index.get(label, partition);
    const limits = { maxBytes, maxWaitMs: 0, minBytes: 0 };
    this.#express = { lane: "express", version, request, ...limits, sentAtMs: now, mayWait: false, find };
    this.#send(path, this.#express);
  }

  /** The broker does not wait for what comes of it: it was not asked in the session. */
  #isLeftOut(slot: FetchSlot, now: number): boolean {
    return slot.nodeId === this.nodeId && this.#fetcher.isFetchable(slot, now) && !this.#isAskedInSession(slot);
  }

  #isAskedInSession(slot: FetchSlot): boolean {
    const { course, fetchOffset } = slot.partition;
    const asked = this.#session.get(slot);
    return asked?.course === course && asked.offset === fetchOffset;
  }

  /** However long the broker waits in the session, what was left out there is not looked for more seldom than every `fetchMaxWaitMs`. */
  #lookAgainBy(now: number, { sentAtMs, maxWaitMs }: Flight): void {
    const againAtMs = now + this.#fetcher.config.fetchMaxWaitMs;
    if (this.#againAtMs <= againAtMs || sentAtMs + maxWaitMs <= againAtMs) return;
    this.#againAtMs = againAtMs;
    this.#fetcher.dueBy(againAtMs);
  }

  #lookAgain(): void {
    this.#againAtMs = Number.POSITIVE_INFINITY;
    for (const slot of this.#later) {
      slot.forgetBeside();
      this.#dirty.add(slot);
    }
    this.#later.clear();
  }

  /** Undefined when it is not to be asked for, or is on its way already. */
  #questionBeside(slot: FetchSlot, now: number): AskedPartition | undefined {
    if (slot.isBesideInVain || !this.#isLeftOut(slot, now)) return undefined;
    const leadership = this.#fetcher.leadershipOf(slot);
    const question = leadership && questionFor(slot, this.nodeId, leadership, this.#fetcher.config.isolationLevel);
    return question?.isBehind === true || !slot.wasBeside ? question : undefined;
  }

  #send({ connection, version }: FetchPath, flight: Flight): void {
    const { request, maxBytes, maxWaitMs, minBytes } = flight;
    const { config, clock } = this.#fetcher;
    const { broker } = connection.facts;
    connection.exchange({
      api: Fetch,
      version,
      pieces: [encodeFetch(version, config, request, { maxWaitMs, minBytes, maxBytes })],
      expectsAnswer: true,
      deadline: new Deadline(clock, Number.POSITIVE_INFINITY),
      onAnswer: (frame) => {
        // Before the reader is woken by what has come: the broker is to be busy while he reads. Not at once: the connection learns of its
        // throttling (Q1) when this has returned.
        this.#fetcher.drainSoon();
        const answer: FetchResponse = decodeResponse({ api: Fetch, version }, frame).body;
        this.#landed(flight);
        this.#measure(flight, answer);
        this.#answered(flight, answer, broker, frame);
        return answer.throttleTimeMs;
      },
      onFailure: (error) => {
        this.#landed(flight);
        if (flight.lane === "fetch") this.#session.failed();
        this.#failed(error);
      },
    });
  }

  #landed(flight: Flight): void {
    if (flight === this.#main) this.#main = undefined;
    if (flight !== this.#express) return;
    this.#express = undefined;
    for (const { slot } of flight.request.named) {
      slot.isOnExpress = false;
      this.#fetcher.touch(slot);
    }
  }

  #measure({ version, find, sentAtMs }: Flight, answer: FetchResponse): void {
    const { metrics } = this.#fetcher;
    if (metrics === undefined) return;
    const { throttleTimeMs: throttleMs } = answer;
    const bytes = answeredBytes(answer, ({ topic, topicId }) => labelIn(version, topic, topicId), find);
    metrics.fetchAnswered({ latencyMs: this.#fetcher.now() - sentAtMs, throttleMs }, bytes);
  }

  #answered(flight: Flight, answer: FetchResponse, broker: string, frame: Uint8Array): void {
    if (this.#fetcher.isClosed) return;
    const { errorCode, sessionId } = answer;
    if (errorCode !== NONE) {
      this.#refused(flight, errorCode, broker);
      return;
    }
    this.#failures = 0;
    this.#failure = undefined;
    if (flight.lane === "fetch") this.#sessionAnswered(flight, sessionId);
    const hasRecords = answer.responses.length > 0 && this.#take(flight, answer, broker, frame);
    if (flight.lane === "fetch") this.#heed(flight, hasRecords);
    else if (hasRecords) this.#wait.begin();
  }

  /** A broker that answers at once, and with nothing, would be asked without end. */
  #heed({ sentAtMs, maxWaitMs }: Flight, hasRecords: boolean): void {
    const waitedMs = this.#fetcher.now() - sentAtMs;
    // The broker has a clock of its own.
    if (hasRecords || waitedMs + SHORTEST_WAIT_MS < maxWaitMs) this.#wait.begin();
    else this.#wait.wasInVain();
    this.#inVain = hasRecords || waitedMs >= SHORTEST_WAIT_MS ? 0 : this.#inVain + 1;
    if (this.#inVain >= MOST_IN_VAIN) this.#backOff(this.#inVain - MOST_IN_VAIN + 1);
  }

  #sessionAnswered({ request }: Flight, sessionId: number): void {
    this.#answeredAtMs = this.#fetcher.now();
    this.#session.answered(request, sessionId);
    if (this.#startsAnew) this.#session.restart();
    this.#startsAnew = false;
  }

  /** Whether there were records. */
  #take(flight: Flight, answer: FetchResponse, broker: string, frame: Uint8Array): boolean {
    const { intake } = this.#fetcher;
    const { request, version, find } = flight;
    const hints = leaderHintsOfFetch(answer);
    if (hints.leaders.length > 0) this.#fetcher.parts?.cluster.learnLeaders(hints);
    const answerer = { nodeId: this.nodeId, broker };
    const seen = new Set<AskedPartition>();
    const memory = new AnswerMemory(frame);
    let isAnythingThere = false;
    for (const { topic, topicId, partitions } of answer.responses) {
      const label = labelIn(version, topic, topicId);
      for (const data of partitions) {
        const asked = find(label, data.partitionIndex);
        // F24: the first one counts, and nobody asked for others.
        if (asked === undefined || seen.has(asked)) continue;
        seen.add(asked);
        const { hasRecords, isOther } = intake.take(asked, data, answerer, memory);
        if (hasRecords) {
          isAnythingThere = true;
          this.#session.served(asked.slot);
        }
        if (isOther) this.#session.restart();
      }
    }
    memory.done();
    // Not everything that was asked for: the broker's session is not what we take it for.
    if (flight.lane === "fetch" && request.isFull && seen.size < request.named.length) this.#session.restart();
    return isAnythingThere;
  }

  /** F17, F18, F20. */
  #refused({ lane, request }: Flight, code: number, broker: string): void {
    this.#failures++;
    this.#failure = new BrokerError(code, { api: "Fetch", broker });
    const verdict = verdictOfAnswer(code, this.#failures);
    if (lane === "fetch") this.#session.refused(request, code);
    const { parts } = this.#fetcher;
    if (verdict.needsMetadata) parts?.cluster.needMetadata([...new Set(request.named.map(({ topic }) => topic))]);
    if (verdict.isProblem) this.#tellAll(this.#failure);
    if (verdict.backsOff) this.#backOff(this.#failures);
  }

  /** No answer, or no connection. */
  #failed(thrown: unknown): void {
    if (this.#fetcher.isClosed) return;
    const error = this.#fetcher.kafkaError(thrown);
    this.#failures++;
    this.#failure = error;
    const { remedy } = classOfError(error, "Fetch");
    this.#fetcher.parts?.cluster.learnFailure(error, "Fetch");
    this.#fetcher.leaveReplica(this.nodeId);
    // F7: one record may be larger than all limits of a fetch. Its broker is well, and would send it again and again.
    const told = error.cause instanceof AnswerTooLargeError ? error.cause : error;
    const isUnreadable = told.code === "MALFORMED_MESSAGE";
    const isFatal = remedy === "fatal" || told !== error;
    if (isFatal && (!isUnreadable || this.#failures >= MOST_UNREADABLE)) this.#tellAll(told);
    this.#backOff(this.#failures);
  }

  #tellAll(error: KafkaError): void {
    for (const slot of this.#fetcher.slotsOf(this.nodeId)) {
      if (this.#fetcher.isFetchable(slot, this.#fetcher.now())) this.#fetcher.intake.tell(slot, error);
    }
  }

  #backOff(times: number): void {
    const { config } = this.#fetcher;
    this.#wait.begin();
    this.#retryAtMs = this.#fetcher.now() + backoffMs(times, config, this.#fetcher.random);
    this.#fetcher.dueBy(this.#retryAtMs);
  }
}

/** What answers of that version call a topic. */
function labelIn(version: number, topic: string, topicId: string): string {
  return version < FIRST_VERSION_WITH_IDS ? topic : topicId;
}
