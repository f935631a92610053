/** Keeps the view of the cluster: asks for it on need and on age, one question at a time. */
import type { Timer } from "../async/clock.ts";
import type { Deadline } from "../async/deadline.ts";
import { AuthenticationError, BootstrapError, ConnectionError, RequestTimeoutError } from "../errors.ts";
import { backoffMs } from "./backoff.ts";
import { ClusterMetadata } from "./cluster-metadata.ts";
import { type MetadataEvent, mergeMetadata } from "./metadata-cache.ts";
import type { MetadataAnswer } from "./metadata-query.ts";
import { MetadataSource, type MetadataSourceInit } from "./metadata-source.ts";
import { RefreshRound } from "./refresh-round.ts";
import type { WatchedTopics } from "./watched-topics.ts";

export interface MetadataChange {
  readonly metadata: ClusterMetadata;
  readonly events: readonly MetadataEvent[];
}

export interface MetadataRefresherInit extends MetadataSourceInit {
  readonly watched: WatchedTopics;
  /** The brokers are forgotten: whatever was said of them with other words does not hold either. */
  readonly onRebootstrap: () => void;
}

export class MetadataRefresher {
  readonly #init: MetadataRefresherInit;
  readonly #source: MetadataSource;
  readonly #listeners = new Set<(change: MetadataChange) => void>();
  #metadata: ClusterMetadata = ClusterMetadata.empty;
  #current: RefreshRound | undefined;
  #next: RefreshRound | undefined;
  #isRunning = false;
  #ageTimer: Timer | undefined;
  #closed: Error | undefined;
  #hasSucceeded = false;
  /** When the last question was answered or failed. */
  #lastAtMs = Number.NEGATIVE_INFINITY;
  /** Failures in a row, and answers in a row that said nothing new: either makes the next question wait longer (M16). */
  #failures = 0;
  #repetitions = 0;

  constructor(init: MetadataRefresherInit) {
    this.#init = init;
    this.#source = new MetadataSource(init);
  }

  get metadata(): ClusterMetadata {
    return this.#metadata;
  }

  /** Asking for topics does not make them, whatever the settings allow. */
  letTopicsBeMade(mayBeMade: boolean): void {
    this.#source.mayMakeTopics = mayBeMade;
  }

  get isBootstrapped(): boolean {
    return this.#metadata.brokers.size > 0;
  }

  get wasEverBootstrapped(): boolean {
    return this.#hasSucceeded;
  }

  onChange(listener: (change: MetadataChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The view after an answer that tells of these topics, or of all that are watched. Callers share a question that is on its way if it
   * is about their topics, else the next one. With `isAskedAnew` always one that is asked from now on: for whoever may have changed
   * something and must see it.
   */
  refresh(deadline: Deadline, topics?: Iterable<string>, isAskedAnew: boolean = false): Promise<ClusterMetadata> {
    const round = this.#join(topics, isAskedAnew);
    return deadline.race(round.done, () => this.#timedOut(round, deadline));
  }

  /** Something says that the view is old, and nobody waits for a new one. */
  need(topics?: Iterable<string>): void {
    if (this.#closed === undefined) this.#join(topics);
  }

  /** A broker has said so in an answer (M11); what is asked for next comes from the bootstrap servers. */
  rebootstrap(reason: string): void {
    if (this.#closed !== undefined || !this.isBootstrapped || this.#init.settings.metadataRecoveryStrategy === "none") return;
    const { pool, telemetry } = this.#init;
    telemetry.rebootstrapping({ reason });
    this.#source.forget();
    // Before the connections go: whoever is told of their end must not find the old brokers.
    this.#metadata = this.#metadata.forgetBrokers();
    pool.clusterId = undefined;
    this.#init.onRebootstrap();
    const problem = `the client starts over from the bootstrap servers: ${reason}`;
    pool.dropAll(new ConnectionError(problem, { broker: "all", phase: "established", outcome: "unknown" }));
  }

  /** What was learned by other ways, newer than what is known. */
  replace(metadata: ClusterMetadata): void {
    if (metadata === this.#metadata || this.#closed !== undefined) return;
    this.#metadata = metadata;
    this.#init.pool.keepOnly([...metadata.brokers.values()]);
    this.#tell([]);
  }

  close(reason: Error): void {
    this.#closed ??= reason;
    this.#ageTimer?.cancel();
    for (const round of [this.#current, this.#next]) round?.reject(reason);
    this.#current = undefined;
    this.#next = undefined;
    this.#listeners.clear();
  }

  #join(topics: Iterable<string> | undefined, isAskedAnew: boolean = false): RefreshRound {
    const wanted = topics === undefined ? undefined : [...topics];
    const current = this.#current;
    if (!isAskedAnew && current?.covers(wanted) === true) return current;
    const round = current !== undefined && !current.isAsked ? current : this.#nextRound();
    round.add(wanted);
    if (this.#closed !== undefined) round.reject(this.#closed);
    else if (!this.#isRunning) void this.#run();
    return round;
  }

  #nextRound(): RefreshRound {
    this.#next ??= new RefreshRound();
    return this.#next;
  }

  /** Round after round, until none is wanted. Never rejects: each round tells its own callers. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let round = this.#next; round !== undefined; round = this.#next) {
      this.#next = undefined;
      this.#current = round;
      try {
        round.resolve(await this.#answer(round));
      } catch (error) {
        round.reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
      }
      this.#current = undefined;
    }
    this.#isRunning = false;
  }

  /** Asks until there is an answer. Rejects when no bootstrap server can be had, and when the client is closed. */
  async #answer(round: RefreshRound): Promise<ClusterMetadata> {
    const { clock } = this.#init.runtime;
    for (;;) {
      await this.#waitForTurn(round);
      const startedAtMs = clock.monotonic();
      const isKnown = this.isBootstrapped;
      try {
        const topics = this.#question(round);
        const answer = await (isKnown ? this.#source.askKnown(this.#metadata, topics) : this.#source.askBootstrap(topics));
        if (this.#closed !== undefined) throw this.#closed;
        return this.#accept(round, answer, topics, startedAtMs);
      } catch (error) {
        this.#failed(round, error instanceof Error ? error : new Error(String(error), { cause: error }), isKnown);
      }
    }
  }

  /** @throws the error when asking again makes no sense */
  #failed(round: RefreshRound, error: Error, wasKnown: boolean): void {
    if (this.#closed !== undefined) throw this.#closed;
    this.#lastAtMs = this.#init.runtime.clock.monotonic();
    this.#failures++;
    this.#init.telemetry.metadataFailed({ error, attempt: this.#failures });
    round.failed(error);
    if (!wasKnown) {
      // The bootstrap servers were asked for as long as is granted, or none of them wants us.
      this.#scheduleAge();
      throw error;
    }
    const reason = this.#source.reasonToRebootstrap(this.#metadata, error);
    if (reason !== undefined) this.rebootstrap(reason);
  }

  #question(round: RefreshRound): readonly string[] {
    const { watched, runtime } = this.#init;
    watched.dropIdle(runtime.clock.monotonic());
    return round.ask(watched.names);
  }

  #accept(round: RefreshRound, { version, body }: MetadataAnswer, topics: readonly string[], startedAtMs: number): ClusterMetadata {
    const { pool, runtime, telemetry, watched } = this.#init;
    const now = runtime.clock.monotonic();
    const { metadata, events } = mergeMetadata(this.#metadata, body, {
      version,
      asked: topics,
      isWanted: (topic) => watched.has(topic),
    });
    this.#repetitions = metadata === this.#metadata ? this.#repetitions + 1 : 0;
    this.#hasSucceeded = true;
    this.#failures = 0;
    this.#lastAtMs = now;
    for (const topic of topics) watched.answered(topic, now);
    const isChanged = metadata !== this.#metadata;
    this.#metadata = metadata;
    pool.clusterId = metadata.clusterId;
    pool.keepOnly([...metadata.brokers.values()]);
    telemetry.metadataUpdated({
      clusterId: metadata.clusterId,
      controllerId: metadata.controllerId,
      brokers: metadata.brokers.size,
      topics: metadata.topics.size,
      durationMs: now - startedAtMs,
    });
    if (round.isWhole || this.#ageTimer === undefined) this.#scheduleAge();
    if (isChanged || events.length > 0) this.#tell(events);
    return metadata;
  }

  #tell(events: readonly MetadataEvent[]): void {
    for (const event of events) {
      if (event.kind === "topic recreated") {
        this.#init.telemetry.warning("TOPIC_RECREATED", `topic '${event.topic}' was deleted and created again`, { ...event });
      }
    }
    for (const listener of this.#listeners) listener({ metadata: this.#metadata, events });
  }

  /** M16: not more often than the backoff allows; topics that nobody has asked about yet need not wait behind a success. */
  async #waitForTurn(round: RefreshRound): Promise<void> {
    const { settings, runtime, pauses } = this.#init;
    const isNew = this.#failures === 0 && !round.isWhole && [...round.topics].some((topic) => this.#isUnheardOf(topic));
    if (isNew || this.#lastAtMs === Number.NEGATIVE_INFINITY) return;
    // Each failure is another broker's: it is the rounds through all of them that have to become slower.
    const rounds = Math.ceil(this.#failures / Math.max(this.#metadata.brokers.size, 1));
    const pauseMs = backoffMs(Math.max(rounds, this.#repetitions, 1), settings, runtime.random);
    const leftMs = this.#lastAtMs + pauseMs - runtime.clock.monotonic();
    if (leftMs > 0) await pauses.wait(leftMs);
  }

  #isUnheardOf(topic: string): boolean {
    return !this.#metadata.topics.has(topic) && !this.#metadata.problems.has(topic);
  }

  /** The next question nobody asks for. It is no reason for the process to stay. */
  #scheduleAge(): void {
    const { runtime, settings } = this.#init;
    this.#ageTimer?.cancel();
    this.#ageTimer = runtime.clock.schedule(
      settings.metadataMaxAgeMs,
      () => {
        this.#ageTimer = undefined;
        this.#repetitions = 0;
        this.need();
      },
      { background: true },
    );
  }

  #timedOut(round: RefreshRound, deadline: Deadline): Error {
    const bootstrapping = this.#source.bootstrapFailure;
    if (bootstrapping !== undefined) return bootstrapping;
    const cause = round.lastError;
    if (cause instanceof BootstrapError || cause instanceof AuthenticationError) return cause;
    return new RequestTimeoutError("metadata of the cluster", deadline.timeoutMs, { cause });
  }
}
