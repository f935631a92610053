/** What goes to one broker: few requests with many batches, as many at a time as are allowed. */
import { type KafkaError, Produce, type ProduceResponse, UnsupportedVersionError, ZERO_UUID } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import type { BrokerConnection } from "../../connection/broker-connection.ts";
import type { Outcome } from "../../errors.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";
import { asKafkaError } from "../verdict.ts";
import {
  decodeProduce,
  encodeProduce,
  FIRST_VERSION_WITH_IDS,
  FIRST_VERSION_WITH_ZSTD,
  matchAnswers,
  type SentBatch,
  type TopicIds,
} from "./produce-exchange.ts";
import type { Sender } from "./sender.ts";

/** A frame around batches takes this much at most for each of them, and once more. */
const FRAMING_BYTES = 300;

export class BrokerSender {
  readonly nodeId: number;
  /** Partitions that this broker leads and for which something waits. */
  readonly active: Set<PartitionQueue> = new Set();
  readonly #sender: Sender;
  #requestsInFlight = 0;
  #isConnecting = false;
  #isDraining = false;

  constructor(nodeId: number, sender: Sender) {
    this.nodeId = nodeId;
    this.#sender = sender;
  }

  get requestsInFlight(): number {
    return this.#requestsInFlight;
  }

  /** Sends what may leave, as far as there is room on the way. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (
        this.active.size > 0 &&
        this.#requestsInFlight < this.#sender.config.maxInFlightRequestsPerConnection &&
        this.#sendOne()
      );
      if (this.#sender.config.partitionerAvailabilityTimeoutMs > 0) this.#noteStuck();
    } finally {
      this.#isDraining = false;
    }
  }

  /** What waits behind something that the broker has not answered: the partitioner may have to look elsewhere. */
  #noteStuck(): void {
    const isSaturated = this.#requestsInFlight >= this.#sender.config.maxInFlightRequestsPerConnection;
    for (const partition of this.active) {
      const isBehind = isSaturated || partition.inFlight.length > 0;
      if (isBehind && partition.waiting.length > 0) partition.stuckSinceMs ||= this.#sender.now();
    }
  }

  /** False when there is nothing that could be sent now. */
  #sendOne(): boolean {
    const ready = this.#ready();
    if (ready.length === 0) return false;
    const connection = this.#connection();
    if (connection === undefined) {
      for (const partition of ready) partition.stuckSinceMs ||= this.#sender.now();
      return false;
    }
    const version = this.#versionOn(connection, ready);
    if (version === undefined) return true;
    const sent: SentBatch[] = [];
    let size = 0;
    for (const partition of ready) {
      const batch = partition.waiting[0];
      if (batch === undefined || (size > 0 && size + batch.sizeInBytes + FRAMING_BYTES > this.#sender.config.maxRequestSize))
        continue;
      const one = this.#stamp(partition, batch);
      if (one === undefined) continue;
      size += batch.sizeInBytes + FRAMING_BYTES;
      sent.push(one);
    }
    if (sent.length === 0) return false;
    this.#sender.metrics.requestSent(sent.reduce((sum, { batch }) => sum + batch.recordCount, 0));
    this.#send(connection, version, sent);
    return true;
  }

  /** Partitions whose first batch may leave. */
  #ready(): readonly PartitionQueue[] {
    const ready: PartitionQueue[] = [];
    for (const partition of this.active) {
      if (partition.waiting.length === 0) this.active.delete(partition);
      else if (this.#sender.isReady(partition, this.nodeId)) ready.push(partition);
    }
    return ready;
  }

  /** Undefined when there is none that may be used now; then this is called again when there is. */
  #connection(): BrokerConnection | undefined {
    const parts = this.#sender.parts;
    const broker = parts?.cluster.metadata.brokers.get(this.nodeId);
    if (parts === undefined || broker === undefined) return undefined;
    const connection = parts.pool.open(broker, "main");
    if (connection === undefined) {
      void this.#connect();
      return undefined;
    }
    const { throttledUntilMs } = connection;
    if (throttledUntilMs > this.#sender.now()) {
      this.#sender.dueBy(throttledUntilMs);
      return undefined;
    }
    return connection;
  }

  async #connect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    try {
      await this.#sender.connect(this.nodeId);
      this.#isConnecting = false;
      this.drain();
    } catch (error) {
      this.#isConnecting = false;
      this.#sender.connectFailed(this, asKafkaError(error));
    }
  }

  /** Undefined when nothing of it can be sent to this broker: then it has failed. */
  #versionOn({ versions }: BrokerConnection, ready: readonly PartitionQueue[]): number | undefined {
    try {
      const { produceMaxVersion: max } = this.#sender;
      const version = versions.choose(Produce, max === undefined ? undefined : { atMost: max });
      if (this.#sender.config.compression === "zstd" && version < FIRST_VERSION_WITH_ZSTD) {
        throw new UnsupportedVersionError("zstd needs a broker of Kafka 2.1 or newer; choose another compression", {
          api: "Produce",
        });
      }
      const hasIds = ready.every(({ topic }) => this.#sender.topicIdOf(topic) !== undefined);
      return hasIds ? version : Math.min(version, FIRST_VERSION_WITH_IDS - 1);
    } catch (error) {
      for (const partition of ready) this.#failFirst(partition, asKafkaError(error));
      return undefined;
    }
  }

  #stamp(partition: PartitionQueue, batch: ProducerBatch): SentBatch | undefined {
    try {
      const bytes = this.#sender.stamp(partition, batch);
      return { partition, batch, bytes };
    } catch (error) {
      // P30: what cannot be written is the affair of its records alone.
      this.#failFirst(partition, asKafkaError(error));
      return undefined;
    }
  }

  #failFirst(partition: PartitionQueue, error: KafkaError): void {
    const [batch] = partition.waiting;
    if (batch !== undefined) this.#sender.outcomes.fail(partition, batch, error, batch.isPossiblyPersisted);
  }

  #send(connection: BrokerConnection, version: number, sent: readonly SentBatch[]): void {
    const { acks, clientId, transactionalId = null, requestTimeoutMs: timeoutMs } = this.#sender.config;
    // As they are now: by the time of the answer a topic may have been created anew.
    const ids = version < FIRST_VERSION_WITH_IDS ? undefined : this.#topicIds(sent);
    const pieces = encodeProduce({ version, clientId, transactionalId, acks, timeoutMs, ids }, sent);
    for (const { partition, batch, bytes } of sent) {
      bytes.retain();
      this.#sender.left(partition, batch, this.nodeId);
    }
    this.#requestsInFlight++;
    this.#sender.requests.sent();
    const deadline = new Deadline(this.#sender.clock, Number.POSITIVE_INFINITY);
    const over = this.#onceOver();
    connection.exchange({
      api: Produce,
      version,
      pieces,
      expectsAnswer: acks !== 0,
      deadline,
      onAnswer: (frame) => {
        const answer = decodeProduce(version, frame);
        if (over()) this.#answered(sent, answer, ids, connection);
        return answer.throttleTimeMs;
      },
      onFailure: (error: Error, outcome: Outcome) => {
        if (over()) this.#over(sent, (one) => this.#sender.outcomes.unanswered(one, asKafkaError(error), outcome));
      },
      onReleased: (isSent) => {
        for (const { bytes } of sent) bytes.letGo();
        // P25: that the kernel has it is all that anybody will ever know.
        if (acks === 0 && isSent && over()) this.#over(sent, (one) => this.#sender.outcomes.toldNobody(one));
      },
    });
  }

  /** True the first time. */
  #onceOver(): () => boolean {
    let isOver = false;
    return () => {
      if (isOver) return false;
      isOver = true;
      this.#requestsInFlight--;
      this.#sender.requests.over();
      return true;
    };
  }

  #answered(sent: readonly SentBatch[], answer: ProduceResponse, ids: TopicIds | undefined, { facts }: BrokerConnection): void {
    const { outcomes } = this.#sender;
    outcomes.learn(answer);
    const answers = matchAnswers(sent, answer, ids);
    for (const [at, one] of sent.entries()) outcomes.answered(one, answers[at], facts.broker);
    this.#sender.answered(this, answer.throttleTimeMs);
  }

  #over(sent: readonly SentBatch[], tell: (one: SentBatch) => void): void {
    for (const one of sent) tell(one);
    this.#sender.answered(this, 0);
  }

  #topicIds(sent: readonly SentBatch[]): TopicIds {
    return new Map(sent.map(({ batch: { topic } }) => [topic, this.#sender.topicIdOf(topic) ?? ZERO_UUID]));
  }
}
