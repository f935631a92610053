import type { RecordBatch, TimestampType } from "../../../protocol/index.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { BatchReader } from "./batch-reader.ts";
import { BatchRecords } from "./batch-records.ts";
import { BytesRecord } from "./bytes-record.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import { DeserializedRecord } from "./deserialized-record.ts";
import type { RecordSettings } from "./record-settings.ts";

/** As many records whose deserializers take their time are under way at once. */
const MOST_UNDER_WAY = 500;

export interface FetchedBatchInit {
  readonly partition: AssignedPartition;
  readonly course: number;
  readonly batch: RecordBatch;
  /** Records before are not wanted. */
  readonly fromOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly settings: RecordSettings;
}

/** A record whose deserializers are at work, and where it stands, to go back there. */
interface Underway {
  readonly record: Promise<DeserializedRecord>;
  readonly start: number;
  readonly remaining: number;
}

/**
 * The records of one batch, handed out in their order: some at a time, one at a time, or all that are left at once.
 *
 * One call at a time: where one gives a promise, the next has to wait for it.
 */
export class FetchedBatch {
  readonly partition: AssignedPartition;
  readonly course: number;
  /** Of the first record that is handed out. */
  readonly firstOffset: number;
  /** The last one that the batch covers; compaction may have removed that record. */
  readonly lastOffset: number;
  /** -1 for unknown. */
  readonly leaderEpoch: number;
  readonly timestampType: TimestampType;
  /** How many records are handed out in all, according to the batch. */
  readonly count: number;
  readonly #settings: RecordSettings;
  readonly #reader: BatchReader;

  private constructor({ partition, course, batch, lastOffset, leaderEpoch, settings }: FetchedBatchInit, reader: BatchReader) {
    this.partition = partition;
    this.course = course;
    this.firstOffset = reader.offset;
    this.lastOffset = lastOffset;
    this.leaderEpoch = leaderEpoch;
    this.timestampType = batch.timestampType;
    this.count = reader.remaining;
    this.#settings = settings;
    this.#reader = reader;
  }

  /** Undefined when no record of it is wanted. @throws UnreadableRecordsError */
  static open(init: FetchedBatchInit): FetchedBatch | undefined {
    const { topic, partition } = init.partition;
    const { batch, fromOffset, lastOffset, leaderEpoch } = init;
    const reader = BatchReader.open({ topic, partition, batch, fromOffset, lastOffset, leaderEpoch });
    if (reader.failure !== undefined) throw reader.failure;
    return reader.isAtRecord ? new FetchedBatch(init, reader) : undefined;
  }

  /** Where the partition goes on behind this batch. */
  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  /** Everything is handed out. False while something is wrong with the next record. */
  get isDone(): boolean {
    return !this.#reader.isAtRecord && this.#reader.failure === undefined;
  }

  /** How many records are left, according to the batch. */
  get remaining(): number {
    return this.#reader.remaining;
  }

  /**
   * Appends up to so many records; how many it were. A promise only when a deserializer gave one. Where something is wrong with a
   * record, those before it are given; whoever comes next gets the error, and so does everybody after him. Deserializers are asked again
   * each time: what failed may have been a schema that could not be had just then.
   *
   * @throws UnreadableRecordsError, DeserializationError; or rejects with it
   */
  take(into: ConsumerRecord<unknown, unknown>[], most: number): number | Promise<number> {
    return this.#settings.hasDeserializers ? this.#takeDeserialized(into, most) : this.#takeBytes(into, most);
  }

  /**
   * One record; undefined when all are handed out.
   *
   * @throws as {@link take}
   */
  nextRecord(): ConsumerRecord<unknown, unknown> | undefined | Promise<ConsumerRecord<unknown, unknown>> {
    const reader = this.#reader;
    if (!reader.isAtRecord) {
      if (reader.failure !== undefined) throw reader.failure;
      return undefined;
    }
    if (this.#settings.hasDeserializers) return this.#nextDeserialized();
    const record = new BytesRecord(reader.origin, reader.cursor);
    reader.advance();
    return record;
  }

  /**
   * All that is left, without reading it: for consumers without deserializers. With that, everything is handed out.
   *
   * @throws UnreadableRecordsError when the next record is malformed
   */
  rest(): BatchRecords {
    const reader = this.#reader;
    if (reader.failure !== undefined) throw reader.failure;
    const rest = new BatchRecords(reader.fork(), this.lastOffset);
    reader.end();
    return rest;
  }

  #takeBytes(into: ConsumerRecord<unknown, unknown>[], most: number): number {
    const reader = this.#reader;
    const { origin, cursor } = reader;
    let taken = 0;
    for (; taken < most && reader.isAtRecord; taken++) {
      into.push(new BytesRecord(origin, cursor));
      reader.advance();
    }
    if (taken === 0 && reader.failure !== undefined) throw reader.failure;
    return taken;
  }

  #takeDeserialized(into: ConsumerRecord<unknown, unknown>[], most: number): number | Promise<number> {
    const reader = this.#reader;
    let taken = 0;
    for (; taken < most && reader.isAtRecord; taken++) {
      let record: DeserializedRecord | Promise<DeserializedRecord>;
      try {
        record = this.#deserialize();
      } catch (error) {
        if (taken === 0) throw error;
        return taken;
      }
      if (record instanceof Promise) return this.#takeLater(into, most, taken, record);
      into.push(record);
      reader.advance();
    }
    if (taken === 0 && reader.failure !== undefined) throw reader.failure;
    return taken;
  }

  /** Of the record the reader stands on. */
  #deserialize(): DeserializedRecord | Promise<DeserializedRecord> {
    const { origin, cursor } = this.#reader;
    const { keys, values } = this.#settings;
    return new DeserializedRecord(origin, cursor).deserialize(keys, values);
  }

  #nextDeserialized(): DeserializedRecord | Promise<DeserializedRecord> {
    const record = this.#deserialize();
    if (record instanceof Promise) {
      return record.then((settled) => {
        this.#reader.advance();
        return settled;
      });
    }
    this.#reader.advance();
    return record;
  }

  /** The deserializers of many records may be at work at the same time; their order stays. */
  async #takeLater(
    into: ConsumerRecord<unknown, unknown>[],
    most: number,
    takenBefore: number,
    first: Promise<DeserializedRecord>,
  ): Promise<number> {
    const reader = this.#reader;
    let taken = takenBefore;
    let begun: Promise<DeserializedRecord> | undefined = first;
    while (taken < most && reader.isAtRecord) {
      const underway = this.#begin(Math.min(most - taken, MOST_UNDER_WAY), begun);
      begun = undefined;
      const settled = await Promise.allSettled(underway.map(({ record }) => record));
      for (const [index, result] of settled.entries()) {
        if (result.status === "rejected") {
          const { start, remaining } = underway[index]!;
          reader.goTo(start, remaining);
          if (taken === 0) throw result.reason;
          return taken;
        }
        into.push(result.value);
        taken++;
      }
    }
    return taken;
  }

  /** Sets the deserializers to work on so many records; `first` is what they make of the next one, if they have begun already. */
  #begin(most: number, first: Promise<DeserializedRecord> | undefined): Underway[] {
    const reader = this.#reader;
    const underway: Underway[] = [];
    while (underway.length < most && reader.isAtRecord) {
      const { recordStart: start, remaining } = reader;
      underway.push({ record: this.#settling(underway.length === 0 ? first : undefined), start, remaining });
      reader.advance();
    }
    return underway;
  }

  /** What fails at once fails in its turn. */
  async #settling(begun: Promise<DeserializedRecord> | undefined): Promise<DeserializedRecord> {
    return begun ?? this.#deserialize();
  }
}
