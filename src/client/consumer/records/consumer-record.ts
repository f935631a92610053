/** One record, as it is handed out. */
import { type InspectOptions, inspect } from "node:util";
import { type RecordHeader, readRecordHeaders, type TimestampType } from "../../../protocol/index.ts";
import type { BatchOrigin } from "./batch-origin.ts";
import { inspectable, type JsonPart, jsonOf } from "./record-parts.ts";

/** What `JSON.stringify` gets: bytes are text where they are UTF-8, else `{ base64 }`. */
export interface ConsumerRecordJson {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly leaderEpoch: number;
  readonly key: JsonPart;
  readonly value: JsonPart;
  readonly headers: readonly (readonly [name: string, value: JsonPart])[];
}

/**
 * A record of a topic. Without deserializers key and value are bytes (Buffers): views of the batch that the record came in, made anew
 * whenever they are asked for. A record that is kept keeps its batch in memory, and nothing else of what was fetched with it. Its parts
 * are getters: `{ ...record }` and `structuredClone` have none of them.
 */
// Few fields and small integers on purpose: there is one of these for every record that is read, and a field that holds a large number
// costs an allocation of its own each time. What is large (offset, timestamp) is added up when it is asked for.
export abstract class ConsumerRecord<K = Uint8Array | null, V = Uint8Array | null> {
  static {
    // Not as a method: declarations of isolated modules cannot name its key.
    Object.defineProperty(ConsumerRecord.prototype, inspect.custom, { value: inspectRecord });
  }

  protected readonly origin: BatchOrigin;
  protected readonly offsetDelta: number;
  protected readonly timestampDelta: number;
  protected readonly keyStart: number;
  /** How many bytes the key has; -1 when it is null. */
  readonly serializedKeySize: number;
  protected readonly valueStart: number;
  /** How many bytes the value has; -1 when it is null. */
  readonly serializedValueSize: number;

  protected constructor(
    origin: BatchOrigin,
    offsetDelta: number,
    timestampDelta: number,
    keyStart: number,
    keySize: number,
    valueStart: number,
    valueSize: number,
  ) {
    this.origin = origin;
    this.offsetDelta = offsetDelta;
    this.timestampDelta = timestampDelta;
    this.keyStart = keyStart;
    this.serializedKeySize = keySize;
    this.valueStart = valueStart;
    this.serializedValueSize = valueSize;
  }

  abstract readonly key: K;
  abstract readonly value: V;

  /** The key's bytes as they came, whatever a deserializer has made of them. */
  get rawKey(): Uint8Array | null {
    return this.serializedKeySize < 0 ? null : this.origin.views.view(this.keyStart, this.serializedKeySize);
  }

  /** The value's bytes as they came. */
  get rawValue(): Uint8Array | null {
    return this.serializedValueSize < 0 ? null : this.origin.views.view(this.valueStart, this.serializedValueSize);
  }

  get topic(): string {
    return this.origin.topic;
  }

  get partition(): number {
    return this.origin.partition;
  }

  get offset(): number {
    return this.origin.baseOffset + this.offsetDelta;
  }

  /** Milliseconds since 1970; -1 for none. */
  get timestamp(): number {
    return this.origin.baseTimestamp + this.timestampDelta;
  }

  /** Whether the producer has set the timestamp (`CreateTime`) or the broker (`LogAppendTime`). */
  get timestampType(): TimestampType {
    return this.origin.timestampType;
  }

  /** Of the leader that has written it to its log; -1 for unknown. */
  get leaderEpoch(): number {
    return this.origin.leaderEpoch;
  }

  /** Names may repeat; the order is kept. */
  get headers(): RecordHeader[] {
    const { hasHeaders, views } = this.origin;
    return hasHeaders ? readRecordHeaders(views, this.headersStart) : [];
  }

  toJSON(): ConsumerRecordJson {
    const { topic, partition, offset, timestamp, timestampType, leaderEpoch, key, value, headers } = this;
    return {
      topic,
      partition,
      offset,
      timestamp,
      timestampType,
      leaderEpoch,
      key: jsonOf(key),
      value: jsonOf(value),
      headers: headers.map(([name, content]) => [name, jsonOf(content)]),
    };
  }

  protected get headersStart(): number {
    return this.valueStart + Math.max(0, this.serializedValueSize);
  }
}

function inspectRecord(this: ConsumerRecord<unknown, unknown>, _depth: number, options: InspectOptions): string {
  const { topic, partition, offset, timestamp, timestampType, key, value, headers } = this;
  const parts = {
    topic,
    partition,
    offset,
    timestamp,
    timestampType,
    key: inspectable(key),
    value: inspectable(value),
    headers: headers.map(([name, content]) => [name, inspectable(content)]),
  };
  return `ConsumerRecord ${inspect(parts, options)}`;
}
