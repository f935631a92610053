import { BatchScan, type KafkaError } from "../../protocol/index.ts";
import { BatchOpener } from "../consumer/records/batch-opener.ts";
import { BatchReader } from "../consumer/records/batch-reader.ts";
import type { RecordSettings } from "../consumer/records/record-settings.ts";
import { UnfoldingBatch } from "../consumer/records/unfolding-batches.ts";
import { DeserializationError, UnreadableRecordsError } from "../errors.ts";
import type { AcquiredRanges } from "./acquired-ranges.ts";
import { HandedRecords } from "./handed-records.ts";
import type { Lease } from "./lease.ts";
import { type AnyShareRecord, ShareBytesRecord, ShareDeserializedRecord } from "./share-record.ts";

export interface AcquiredPartInit {
  readonly lease: Lease;
  /** A view into the answer's frame. */
  readonly records: Buffer;
  readonly acquired: AcquiredRanges;
  readonly settings: RecordSettings;
}

/** What was taken of a part at once. */
export interface TakenPart {
  readonly hand: HandedRecords;
  /** Something is wrong with what comes next; the part goes on behind it. */
  readonly problem: KafkaError | undefined;
}

/** No offset is larger. */
const END = Number.MAX_SAFE_INTEGER;

/** What one answer had of a partition: whole batches, of which only the acquired records are ours. */
export class AcquiredPart {
  readonly lease: Lease;
  readonly sizeInBytes: number;
  readonly #records: Buffer;
  readonly #scan: BatchScan;
  readonly #acquired: AcquiredRanges;
  readonly #settings: RecordSettings;
  /** Of everything before it is decided in which hand it is. */
  #nextOffset = 0;
  #reader: BatchReader | undefined;
  #lastOffset = -1;
  #isDone = false;
  #failure: { readonly error: unknown } | undefined;

  constructor({ lease, records, acquired, settings }: AcquiredPartInit) {
    this.lease = lease;
    this.sizeInBytes = records.length;
    this.#records = records;
    this.#scan = new BatchScan(records);
    this.#acquired = acquired;
    this.#settings = settings;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** What comes next cannot be read, which the next one who takes is told. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Up to so many records. Never rejects for what is wrong with them.
   *
   * @param isTold there is nothing before it to be handed out first: whoever gets the problem has the record in hand that it is about
   */
  async take(most: number, isTold: boolean): Promise<TakenPart> {
    const hand = new HandedRecords(this.lease);
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      while (hand.records.length < most && !this.#isDone) {
        this.#reader ??= await this.#openNext(hand);
        if (this.#reader !== undefined) await this.#read(this.#reader, hand, most);
      }
    } catch (error) {
      this.#failure = { error };
    }
    if (this.#failure === undefined || !isTold || hand.records.length > 0) return { hand, problem: undefined };
    const { error } = this.#failure;
    this.#failure = undefined;
    return { hand, problem: this.#problem(error, hand) };
  }

  /** All that is left is to be delivered again. */
  giveBack(): HandedRecords {
    const hand = new HandedRecords(this.lease);
    this.#giveBack(hand, END);
    this.#isDone = true;
    return hand;
  }

  /** Undefined when there is nothing for us in the next batch. */
  async #openNext(hand: HandedRecords): Promise<BatchReader | undefined> {
    const scan = this.#scan;
    if (!this.#scanNext()) {
      // Locked without being sent along: a gap would mean that there is nothing.
      this.#giveBack(hand, END);
      this.#isDone = true;
      return undefined;
    }
    const { start, sizeInBytes, lastOffset } = scan;
    if (this.#acquired.within(this.#nextOffset, lastOffset).length === 0) return undefined;
    this.#lastOffset = lastOffset;
    const { topic, partition } = this.lease;
    const fetchOffset = this.#nextOffset;
    const records = this.#records.subarray(start, start + sizeInBytes);
    const opened = new BatchOpener({ topic, partition, fetchOffset, records, aborted: null, settings: this.#settings }).open();
    if (opened === undefined) {
      this.#gapUpTo(hand, lastOffset + 1);
      return undefined;
    }
    const unfolding = new UnfoldingBatch(opened);
    await unfolding.underway;
    const { failure } = unfolding;
    if (failure !== undefined) throw this.#unreadable(failure.cause);
    const { batch, fromOffset, leaderEpoch } = opened;
    return BatchReader.open({ topic, partition, batch, fromOffset, lastOffset, leaderEpoch });
  }

  #scanNext(): boolean {
    try {
      return this.#scan.next();
    } catch (cause) {
      // Nobody can tell where a batch begins from here on.
      this.#lastOffset = END;
      throw this.#unreadable(cause);
    }
  }

  async #read(reader: BatchReader, hand: HandedRecords, most: number): Promise<void> {
    for (; reader.isAtRecord && hand.records.length < most; reader.advance()) {
      const { offset } = reader;
      this.#gapUpTo(hand, offset);
      const deliveryCount = this.#acquired.deliveryCount(offset);
      if (deliveryCount === undefined) continue;
      const made = this.#record(reader, deliveryCount);
      hand.add(made instanceof Promise ? await made : made);
      this.#nextOffset = offset + 1;
    }
    if (reader.isAtRecord) return;
    if (reader.failure !== undefined) throw reader.failure;
    this.#reader = undefined;
    this.#gapUpTo(hand, this.#lastOffset + 1);
  }

  #record({ origin, cursor }: BatchReader, deliveryCount: number): AnyShareRecord | Promise<AnyShareRecord> {
    const { hasDeserializers, keys, values } = this.#settings;
    if (!hasDeserializers) return new ShareBytesRecord(origin, cursor, deliveryCount);
    return new ShareDeserializedRecord(origin, cursor, deliveryCount).deserialize(keys, values);
  }

  /** One record, or what is left of a batch. */
  #problem(error: unknown, hand: HandedRecords): KafkaError {
    const reader = this.#reader;
    if (error instanceof DeserializationError && reader !== undefined) {
      hand.failed(reader.offset);
      this.#nextOffset = reader.offset + 1;
      reader.advance();
      return error;
    }
    const problem = this.#unreadable(error);
    this.#reader = undefined;
    this.#giveBack(hand, this.#lastOffset);
    if (this.#lastOffset === END) this.#isDone = true;
    return problem;
  }

  #unreadable(error: unknown): UnreadableRecordsError {
    const { topic, partition } = this.lease;
    const cause = error instanceof UnreadableRecordsError ? error.cause : error;
    return new UnreadableRecordsError({ topic, partition, offset: this.#nextOffset, nextOffset: undefined, cause });
  }

  #gapUpTo(hand: HandedRecords, end: number): void {
    if (end <= this.#nextOffset) return;
    for (const { first, last } of this.#acquired.within(this.#nextOffset, end - 1)) hand.gap(first, last);
    this.#nextOffset = end;
  }

  #giveBack(hand: HandedRecords, lastOffset: number): void {
    for (const { first, last } of this.#acquired.within(this.#nextOffset, lastOffset)) hand.giveBack(first, last);
    this.#nextOffset = Math.max(this.#nextOffset, lastOffset + 1);
  }
}
