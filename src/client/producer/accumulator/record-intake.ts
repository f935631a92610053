/** The way of a record into its batch: at once, or, when that cannot be, behind those of its topic that wait. */
import type { KafkaError } from "../../../protocol/index.ts";
import { onAbort } from "../../async/abort-listeners.ts";
import { QueueFullError, RequestTimeoutError } from "../../errors.ts";
import type { PartSerializer } from "../../serializers/part-serializer.ts";
import type { SerializedBytes } from "../../serializers/serializer.ts";
import type { ProducerRecord, RecordHeader } from "../producer-record.ts";
import { headerPairs } from "../record-headers.ts";
import { asKafkaError } from "../verdict.ts";
import type { Accumulator } from "./accumulator.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { FlushWait } from "./flush-wait.ts";
import { MemoryWaiters } from "./memory-waiters.ts";
import { type OnThrown, type Told, tellFailed } from "./recipient.ts";
import type { TopicQueue } from "./topic-queue.ts";
import { type SerializedRecord, WaitingRecord } from "./waiting-record.ts";

/** For how long a record may wait for its place, and who may call it back. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** By `produce`, when interceptors have seen the record: it cannot be turned away any more, and takes its memory at once. */
  readonly isTaken?: boolean;
}

export interface RecordIntakeInit {
  readonly accumulator: Accumulator;
  readonly memory: BufferMemory;
  readonly keys: PartSerializer;
  readonly values: PartSerializer;
  readonly clock: { monotonic(): number };
  /** When a record is sent that does not say it. */
  readonly timestamps: { now(): number };
  /** The topic's metadata is needed; `learned` or `failed` follows. */
  readonly lookUp: (topic: TopicQueue) => void;
  /** A record's patience ends then (monotonic). */
  readonly dueBy: (atMs: number) => void;
  /** A record did not get its place. Returns what it fails with. */
  readonly onRefused: (topic: string, error: KafkaError, waitedMs: number) => KafkaError;
  /** A record has got its place after so long. */
  readonly onWaited: (waitedMs: number) => void;
  readonly onThrown: OnThrown;
  /** Somebody waits for memory. */
  readonly onPressed: () => void;
  /** How long a record may wait that nobody is patient about: `produce` has taken it, and it is none of its callers' time. */
  readonly maxBlockMs: number;
  /** Again before a record that has waited goes into a batch: what was allowed may no longer be. */
  readonly checkAppend: () => void;
}

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/** What a record that waits costs beyond its bytes: so many are taken that `produce` has no room for, and no more. */
const WAITING_BYTES = 1024;

export class RecordIntake {
  readonly #init: RecordIntakeInit;
  readonly #memoryWaiters: MemoryWaiters;
  // For every record: at hand.
  readonly #accumulator: Accumulator;
  readonly #memory: BufferMemory;
  readonly #timestamps: { now(): number };
  /** Neither keys nor values have a serializer. */
  readonly #arePlain: boolean;
  /** Records that wait. */
  #count = 0;
  /** Topics with records that wait. */
  readonly #waiting = new Set<TopicQueue>();

  constructor(init: RecordIntakeInit) {
    this.#init = init;
    this.#accumulator = init.accumulator;
    this.#memory = init.memory;
    this.#timestamps = init.timestamps;
    this.#arePlain = init.keys.isPlain && init.values.isPlain;
    this.#memoryWaiters = new MemoryWaiters({
      serve: (topic) => this.#pump(topic, true) === "no memory",
      onPressed: init.onPressed,
      isCrowded: () => this.#isCrowded,
    });
  }

  /** No record finds room now. */
  get isFull(): boolean {
    return this.#memory.isFull || this.#memoryWaiters.isContended || this.#isCrowded;
  }

  get memoryWaiters(): MemoryWaiters {
    return this.#memoryWaiters;
  }

  get waitingRecords(): number {
    return this.#count;
  }

  get topicsWaiting(): ReadonlySet<TopicQueue> {
    return this.#waiting;
  }

  /** Without patience: false when there is no room, and the record is not taken. @throws what is wrong with the record */
  add(
    topic: TopicQueue,
    record: ProducerRecord<unknown, unknown>,
    recipient: Told | undefined,
    patience: Patience | undefined,
  ): boolean {
    // Bytes and text without serializers or headers are the most records, and their way is short: V8 makes one piece of it.
    if (this.#arePlain && record.headers === undefined && this.#isFree(topic)) {
      const { key = null, value } = record;
      if ((key === null || isPlain(key)) && isPlain(value)) {
        const timestamp = record.timestampMs ?? this.#timestamps.now();
        if (this.#accumulator.tryAppend(topic, record.partition, timestamp, key, value, NO_HEADERS, recipient)) return true;
      }
    }
    const { keys } = this.#init;
    const headers = headerPairs(record.headers);
    const key = keys.serialize(record.key, topic.topic, headers);
    const value = this.#valueOf(record, topic.topic, headers, key);
    const timestamp = record.timestampMs ?? this.#timestamps.now();
    if (key instanceof Promise || value instanceof Promise) {
      // What has its bytes already may be the caller's memory, who uses it again when this has returned.
      const serializing = Promise.all([key instanceof Promise ? key : own(key), value instanceof Promise ? value : own(value)]);
      const rest = { headers: ownHeaders(headers), partition: record.partition, timestamp };
      return this.#addLater(topic, serializing, rest, recipient, patience);
    }
    const { partition } = record;
    if (this.#isFree(topic) && this.#accumulator.tryAppend(topic, partition, timestamp, key, value, headers, recipient)) {
      return true;
    }
    return this.#addSlowly(topic, { key, value, headers, partition, timestamp }, recipient, patience);
  }

  /** Records go on as far as there is nothing to wait for. */
  pump(topic: TopicQueue): void {
    if (this.#pump(topic, false) === "no memory") this.#memoryWaiters.add(topic);
  }

  /** Its metadata cannot be had. With `isFinal` all that wait fail with that; else it is the cause for those whose time is over. */
  lookUpFailed(topic: TopicQueue, error: KafkaError, isFinal: boolean): void {
    const now = this.#init.clock.monotonic();
    for (const waiting of topic.waiting) {
      if (isFinal) this.#refuse(topic, waiting, error);
      else if (waiting.dueMs <= now) this.#refuse(topic, waiting, this.#timedOut(topic, waiting));
    }
    this.pump(topic);
  }

  /** All that wait fail with it. */
  failAll(error: KafkaError): void {
    for (const topic of Array.from(this.#waiting)) this.lookUpFailed(topic, error, true);
  }

  /** Whose patience is over by now; returns when (monotonic) the next one's is. */
  expire(): number {
    const now = this.#init.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const topic of Array.from(this.#waiting)) {
      let hasGone = false;
      for (const waiting of topic.waiting) {
        if (waiting.isGone) continue;
        if (waiting.dueMs > now) next = Math.min(next, waiting.dueMs);
        else {
          this.#refuse(topic, waiting, this.#timedOut(topic, waiting));
          hasGone = true;
        }
      }
      if (hasGone) this.pump(topic);
    }
    return next;
  }

  addFlush(flush: FlushWait): void {
    for (const topic of this.#waiting) {
      for (const waiting of topic.waiting) {
        if (waiting.isGone) continue;
        waiting.flushes.push(flush);
        flush.add();
      }
    }
  }

  /** Nobody has to be waited for. */
  #isFree(topic: TopicQueue): boolean {
    return topic.waiting.length === 0 && topic.metadata !== undefined && !this.#memoryWaiters.isContended;
  }

  #valueOf(
    { value }: ProducerRecord<unknown, unknown>,
    topic: string,
    headers: readonly RecordHeader[],
    key: SerializedBytes | Promise<SerializedBytes>,
  ): SerializedBytes | Promise<SerializedBytes> {
    try {
      return this.#init.values.serialize(value, topic, headers);
    } catch (error) {
      // The record has failed: what becomes of its key concerns nobody.
      if (key instanceof Promise) key.catch(() => undefined);
      throw error;
    }
  }

  get #isCrowded(): boolean {
    return this.#count > 0 && this.#count * WAITING_BYTES >= this.#memory.totalBytes;
  }

  /** @param isItsTurn nobody else has waited for memory for longer */
  #pump(topic: TopicQueue, isItsTurn: boolean): "done" | "waiting" | "no memory" {
    for (let head = topic.waiting.first; head !== undefined; head = topic.waiting.first) {
      if (!head.isGone) {
        const { serialized } = head;
        if (serialized === undefined) return "waiting";
        if (topic.metadata === undefined || this.#needsLook(topic, head, serialized)) {
          this.#init.lookUp(topic);
          return "waiting";
        }
        if (head.reservedBytes === 0 && !isItsTurn && this.#memoryWaiters.isContended) return "no memory";
        if (!this.#place(topic, head, serialized)) return "no memory";
      }
      topic.waiting.shift();
    }
    this.#waiting.delete(topic);
    return "done";
  }

  #addSlowly(
    topic: TopicQueue,
    serialized: SerializedRecord,
    recipient: Told | undefined,
    patience: Patience | undefined,
  ): boolean {
    const cost = this.#init.accumulator.cost(topic.topic, serialized, recipient);
    if (patience === undefined && !this.#hasRoomFor(cost)) {
      this.#memoryWaiters.turnedAway(cost);
      return false;
    }
    const waiting = this.#wait(topic, recipient, patience, patience === undefined || patience.isTaken === true ? cost : 0);
    waiting.serialized = withOwnBytes(serialized);
    if (topic.waiting.length === 1) this.pump(topic);
    return true;
  }

  #addLater(
    topic: TopicQueue,
    serializing: Promise<readonly [SerializedBytes, SerializedBytes]>,
    rest: Pick<SerializedRecord, "headers" | "partition" | "timestamp">,
    recipient: Told | undefined,
    patience: Patience | undefined,
  ): boolean {
    if (patience === undefined && !this.#hasRoomFor(0)) {
      // Asked for in vain; what becomes of it concerns nobody.
      serializing.catch(() => undefined);
      return false;
    }
    const waiting = this.#wait(topic, recipient, patience, 0);
    const failed = (error: unknown): void => {
      this.#refuse(topic, waiting, asKafkaError(error));
      this.pump(topic);
    };
    serializing
      .then(([key, value]) => {
        const serialized = { ...rest, key, value };
        this.#init.accumulator.cost(topic.topic, serialized, recipient);
        waiting.serialized = serialized;
        if (topic.waiting.first === waiting) this.pump(topic);
      })
      .catch(failed);
    return true;
  }

  #wait(topic: TopicQueue, recipient: Told | undefined, patience: Patience | undefined, reservedBytes: number): WaitingRecord {
    const sinceMs = this.#init.clock.monotonic();
    const dueMs = sinceMs + (patience?.timeoutMs ?? this.#init.maxBlockMs);
    const waiting = new WaitingRecord({ recipient, sinceMs, dueMs, reservedBytes });
    if (reservedBytes > 0) this.#init.memory.take(reservedBytes);
    topic.waiting.push(waiting);
    this.#count++;
    this.#waiting.add(topic);
    this.#init.dueBy(dueMs);
    const signal = patience?.signal;
    if (signal !== undefined) {
      waiting.stopListening = onAbort(signal, () => {
        this.#leave(waiting);
        this.pump(topic);
      });
    }
    return waiting;
  }

  #hasRoomFor(bytes: number): boolean {
    return !this.#memoryWaiters.isContended && this.#init.memory.hasRoomFor(bytes);
  }

  /** A partition that is not there may have been added lately; asked for once. */
  #needsLook(topic: TopicQueue, waiting: WaitingRecord, { partition }: SerializedRecord): boolean {
    if (partition === undefined || !(partition >= topic.partitionCount) || waiting.hasLooked) return false;
    waiting.hasLooked = true;
    return true;
  }

  /** False when there is no room for it. */
  #place(topic: TopicQueue, waiting: WaitingRecord, serialized: SerializedRecord): boolean {
    const { accumulator, memory, clock } = this.#init;
    const { recipient, reservedBytes, flushes } = waiting;
    try {
      this.#init.checkAppend();
      if (reservedBytes === 0 && !memory.hasRoomFor(accumulator.cost(topic.topic, serialized, recipient))) {
        return false;
      }
      if (reservedBytes > 0) memory.give(reservedBytes, 1);
      waiting.reservedBytes = 0;
      const batch = accumulator.append(topic, serialized, recipient);
      for (const flush of flushes) batch.addFlush(flush);
      this.#leave(waiting);
      this.#init.onWaited(clock.monotonic() - waiting.sinceMs);
    } catch (error) {
      this.#refuse(topic, waiting, asKafkaError(error));
    }
    return true;
  }

  #refuse(topic: TopicQueue, waiting: WaitingRecord, error: KafkaError): void {
    if (waiting.isGone) return;
    const flushes = waiting.flushes.splice(0);
    this.#leave(waiting);
    const told = this.#init.onRefused(topic.topic, error, this.#init.clock.monotonic() - waiting.sinceMs);
    // Never inside the call that sends it.
    queueMicrotask(() => {
      if (waiting.recipient !== undefined) tellFailed(waiting.recipient, told, this.#init.onThrown);
      for (const flush of flushes) flush.settled();
    });
  }

  #leave(waiting: WaitingRecord): void {
    waiting.isGone = true;
    this.#count--;
    this.#memoryWaiters.wake(this.#init.memory);
    waiting.stopListening?.();
    if (waiting.reservedBytes > 0) this.#init.memory.give(waiting.reservedBytes, 1);
    waiting.reservedBytes = 0;
    for (const flush of waiting.flushes.splice(0)) flush.settled();
  }

  #timedOut(topic: TopicQueue, { serialized, recipient, sinceMs, dueMs }: WaitingRecord): KafkaError {
    const waitedMs = dueMs - sinceMs;
    if (serialized === undefined) return new RequestTimeoutError(`topic '${topic.topic}': serializing a record`, waitedMs);
    const cause = topic.lookUpError;
    if (topic.metadata === undefined || cause !== undefined)
      return new RequestTimeoutError(`metadata of topic '${topic.topic}'`, waitedMs, { cause });
    const wantedBytes = this.#init.accumulator.cost(topic.topic, serialized, recipient);
    return new QueueFullError({ topic: topic.topic, wantedBytes, bufferMemory: this.#init.memory.totalBytes, waitedMs });
  }
}

/** Bytes of another realm go the longer way. */
function isPlain(part: unknown): part is SerializedBytes {
  return typeof part === "string" || part instanceof Uint8Array;
}

/** Whoever sends may use his buffers again as soon as the call has returned. */
function withOwnBytes(record: SerializedRecord): SerializedRecord {
  return { ...record, key: own(record.key), value: own(record.value), headers: ownHeaders(record.headers) };
}

function ownHeaders(headers: readonly RecordHeader[]): readonly RecordHeader[] {
  return headers.map(([name, value]) => [name, own(value)] as const);
}

function own<T extends Uint8Array | string | null>(bytes: T): T | Uint8Array {
  // Not `slice`, which for a Buffer copies nothing.
  return bytes instanceof Uint8Array ? new Uint8Array(bytes) : bytes;
}
