/** The parts of a producer, put together: records in, requests out. */
import type { KafkaError } from "../../protocol/index.ts";
import { CoarseTimer } from "../async/coarse-timer.ts";
import { Deadline } from "../async/deadline.ts";
import { type CallContext, type CallOptions, ClientCore } from "../client-core.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import { ClosedError, IllegalStateError, RequestTimeoutError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { PartSerializer } from "../serializers/part-serializer.ts";
import { Accumulator } from "./accumulator/accumulator.ts";
import { BufferMemory } from "./accumulator/buffer-memory.ts";
import { BufferPool } from "./accumulator/buffer-pool.ts";
import { FlushWait } from "./accumulator/flush-wait.ts";
import { RecordClock } from "./accumulator/record-clock.ts";
import { RecordIntake } from "./accumulator/record-intake.ts";
import { Settlements } from "./accumulator/settlements.ts";
import type { ProducerGauges } from "./metrics/producer-gauges.ts";
import { ProducerMetrics } from "./metrics/producer-metrics.ts";
import { ProducerIds } from "./sender/producer-ids.ts";
import { Sender } from "./sender/sender.ts";
import { Topics } from "./topics.ts";
import type { TransactionHost } from "./transaction/transaction-host.ts";
import { Transactions } from "./transaction/transactions.ts";
import { asKafkaError, withVerdict } from "./verdict.ts";

/** As much memory of batches that are done is kept for the next ones at most, */
const MOST_IDLE_BYTES = 41_943_040;
/** with that of batches that are not, so much of `bufferMemory`: no batch fills its memory to the last byte, */
const SHARE_FOR_BATCHES = 1.25;
/** and so long after the last one. */
const IDLE_MS = 10_000;

export class ProducerCore {
  readonly config: ResolvedProducerConfig;
  readonly client: ClientCore;
  readonly memory: BufferMemory;
  readonly intake: RecordIntake;
  readonly topics: Topics;
  readonly transactions: Transactions | undefined;
  readonly metrics: ProducerMetrics;
  readonly #runtime: Runtime;
  readonly #pool: BufferPool;
  readonly #trim: CoarseTimer;
  readonly #settlements: Settlements;
  readonly #sender: Sender;
  #isAttached = false;
  /** Why no record can be written any more. */
  #fatal: KafkaError | undefined;
  /** Why no further ones are taken. */
  #refusal: KafkaError | undefined;
  #closing: Promise<void> | undefined;

  constructor(config: ResolvedProducerConfig, runtime: Runtime) {
    this.config = config;
    this.#runtime = runtime;
    this.client = new ClientCore("producer", config, runtime);
    const { telemetry } = this.client;
    this.memory = new BufferMemory(config.bufferMemory, config.bufferMaxRecords, () => this.#freed());
    this.#trim = new CoarseTimer(runtime.clock, () => this.#trimPool());
    this.#pool = new BufferPool({ totalBytes: config.bufferMemory * SHARE_FOR_BATCHES, idleBytes: MOST_IDLE_BYTES });
    this.#settlements = new Settlements(this.memory, (error) => this.callbackFailed(error));
    this.metrics = new ProducerMetrics(telemetry.metrics, new CoreGauges(this, () => this.#sender.requests.count), runtime.clock);
    const host = this.#transactionHost();
    this.transactions = config.transactionalId === undefined ? undefined : new Transactions({ config, runtime, telemetry, host });
    const accumulator = this.#newAccumulator();
    this.intake = this.#newIntake(accumulator);
    this.topics = this.#newTopics();
    this.#sender = this.#newSender(accumulator);
  }

  /** A callback of the user has thrown: others are not disturbed, and the process judges as it does with any callback. */
  callbackFailed(error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    this.client.telemetry.warning("CALLBACK_FAILED", `a delivery callback has thrown: ${said}`, { error: said });
    queueMicrotask(() => {
      throw error;
    });
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** @throws the reason why no record may be sent now */
  checkSend(): void {
    const refusal = this.#refusal ?? this.#fatal;
    if (refusal !== undefined) throw refusal;
    this.transactions?.checkSend();
  }

  /**
   * A record that never came into a batch has failed: its transaction lacks it, unless the call was wrong and it was not taken. Returns what
   * it fails with.
   */
  recordFailed(topic: string, error: KafkaError, wasTaken = false): KafkaError {
    this.metrics.batchFailed({ topic, records: 1 });
    const own = withVerdict(error, "not persisted");
    if (error instanceof IllegalStateError && !wasTaken) return own;
    return this.transactions?.failed(own, { verdict: "not persisted" }) ?? own;
  }

  /** Resolves when everything is settled that was sent before. */
  async flush(deadline: Deadline): Promise<void> {
    const flush = new FlushWait();
    this.#settlements.addFlush(flush);
    this.intake.addFlush(flush);
    flush.seal();
    const calm = this.#sender.hurry();
    try {
      await deadline.race(flush.promise, () => new RequestTimeoutError("flush", deadline.timeoutMs));
    } finally {
      calm();
    }
  }

  async ready(deadline: Deadline): Promise<void> {
    const refusal = this.#refusal ?? this.#fatal;
    if (refusal !== undefined) throw refusal;
    await this.intake.memoryWaiters.ready(this.memory, deadline);
  }

  deadline(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
    return new Deadline(this.#runtime.clock, timeoutMs, signal);
  }

  /** Once: what was sent before is delivered, or fails, within the time. */
  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const { transactions } = this;
    const refusal = new ClosedError(this.client.name);
    refusal.verdict = "not persisted";
    const deadline = new Deadline(this.#runtime.clock, timeoutMs);
    if (timeoutMs > 0) {
      try {
        // T18: what was not committed is not to be seen; then the coordinator need not wait for its timeout.
        if (transactions?.isAbortable === true) await transactions.abort({ timeoutMs });
        this.#refusal ??= refusal;
        await this.flush(deadline);
      } catch (error) {
        this.client.telemetry.warning("CLOSE_INCOMPLETE", "the producer is closed before everything was delivered", {
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
    this.#refusal ??= refusal;
    const unknown = new ClosedError(this.client.name, { outcome: "unknown" });
    unknown.verdict = "possibly persisted";
    this.topics.close();
    transactions?.close();
    this.intake.failAll(refusal);
    this.#sender.close(refusal, unknown);
    await this.client.close();
    this.#trim.cancel();
    this.#pool.clear();
  }

  /** Of a record that was taken before: it may be written although no more are taken. */
  #checkAppend(): void {
    if (this.#fatal !== undefined) throw this.#fatal;
    this.transactions?.checkAppend();
  }

  async call<T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>): Promise<T> {
    return this.client.call(what, options, (context) => {
      this.#attach(context);
      return work(context);
    });
  }

  #attach({ cluster, pool }: CallContext): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    this.#sender.attach({ cluster, pool });
    cluster.onChange(({ metadata }) => {
      this.topics.learn(metadata);
      this.#sender.metadataChanged();
    });
  }

  #freed(): void {
    this.intake.memoryWaiters.wake(this.memory);
    if (this.memory.records === 0 && this.#pool.idleBytes > 0) this.#trim.by(this.#runtime.clock.monotonic() + IDLE_MS);
  }

  /** Nothing has been sent for a while: the memory is somebody else's. */
  #trimPool(): number {
    if (this.memory.records === 0) this.#pool.clear();
    return Number.POSITIVE_INFINITY;
  }

  #newAccumulator(): Accumulator {
    const { config, memory } = this;
    return new Accumulator({
      settings: config,
      memory,
      pool: this.#pool,
      settlements: this.#settlements,
      now: () => this.#runtime.clock.monotonic(),
      listener: {
        started: (topic, partition, batch) => {
          this.client.parts?.cluster.use(topic.topic);
          this.transactions?.use(topic.topic, partition.partition);
          this.#sender.started(partition, batch);
        },
        filled: (partition) => this.#sender.filled(partition),
        grown: (partition) => this.#sender.grown(partition),
      },
    });
  }

  #newIntake(accumulator: Accumulator): RecordIntake {
    const { config, memory, metrics } = this;
    const { clock, afterTurn = (run): unknown => clock.schedule(0, run) } = this.#runtime;
    return new RecordIntake({
      accumulator,
      memory,
      keys: new PartSerializer("key", config.keySerializer),
      values: new PartSerializer("value", config.valueSerializer),
      clock,
      timestamps: new RecordClock({ now: () => clock.now(), afterTurn }),
      maxBlockMs: config.maxBlockMs,
      lookUp: (topic) => void this.topics.lookUp(topic),
      dueBy: (atMs) => this.#sender.expireBy(atMs),
      onThrown: (error) => this.callbackFailed(error),
      onPressed: () => this.#sender.drainSoon(),
      checkAppend: () => this.#checkAppend(),
      onWaited: (ms) => metrics.blocked(ms),
      onRefused: (topic, error, ms) => {
        metrics.blocked(ms);
        if (error.code === "QUEUE_FULL") metrics.bufferExhausted(1);
        return this.recordFailed(topic, error, true);
      },
    });
  }

  #newTopics(): Topics {
    return new Topics({
      config: this.config,
      runtime: this.#runtime,
      call: (what, options, work) => this.call(what, options, work),
      metadata: () => this.client.parts?.cluster.metadata,
      onFound: (topic) => this.intake.pump(topic),
      onNotFound: (topic, error, isFinal) => this.intake.lookUpFailed(topic, error, isFinal),
    });
  }

  #newSender(accumulator: Accumulator): Sender {
    const producerIds = new ProducerIds({
      call: (what, options, work) => this.call(what, options, work),
      onIdentity: () => this.#sender.wake(),
      onFailure: (error) => this.#sender.failForGood(asKafkaError(error)),
    });
    return new Sender({
      config: this.config,
      runtime: this.#runtime,
      telemetry: this.client.telemetry,
      producerIds,
      metrics: this.metrics,
      settlements: this.#settlements,
      transactions: this.transactions,
      newBatch: (partition, like, maxBytes) => accumulator.newBatch(partition, like, maxBytes),
      isPressed: () => this.intake.memoryWaiters.isPressed,
      expireOthers: () => this.intake.expire(),
      onFatal: (error) => {
        this.#fatal ??= error;
        this.intake.failAll(error);
      },
    });
  }

  #transactionHost(): TransactionHost {
    return {
      call: (what, options, work) => this.call(what, options, work),
      flush: (deadline) => this.flush(deadline),
      nothingOnItsWay: () => this.#sender.requests.none(),
      abortUnsent: (error) => {
        this.intake.failAll(error);
        this.#sender.abortUnsent(error);
      },
      wake: () => this.#sender.drainSoon(),
    };
  }
}

/** What metrics read of it. */
class CoreGauges implements ProducerGauges {
  readonly #core: ProducerCore;
  readonly #requests: () => number;

  constructor(core: ProducerCore, requests: () => number) {
    this.#core = core;
    this.#requests = requests;
  }

  get bufferTotalBytes(): number {
    return this.#core.memory.totalBytes;
  }

  get bufferBytes(): number {
    return this.#core.memory.usedBytes;
  }

  get queuedRecords(): number {
    return this.#core.memory.records;
  }

  get waitingThreads(): number {
    return this.#core.intake.waitingRecords;
  }

  get inFlightRequests(): number {
    return this.#requests();
  }
}
