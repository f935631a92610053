import {
  type BatchFields,
  type Codecs,
  type CompressionName,
  finishBatch,
  type HeaderInput,
  type KafkaError,
  type PackedBatch,
  type RecordBatchBuilder,
  type RecordBytes,
} from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import { type BatchPlace, BatchRecipients } from "./batch-recipients.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { FlushWait } from "./flush-wait.ts";
import type { OnThrown } from "./recipient.ts";
import { SharedBytes } from "./shared-bytes.ts";

/** By what brokers know a batch that was sent twice. */
export interface BatchStamp extends ProducerIdentity {
  readonly baseSequence: number;
}

export interface Packing {
  readonly compression: CompressionName;
  readonly compressionLevel: number | undefined;
  readonly isTransactional: boolean;
  /** Node's own unless said otherwise. */
  readonly codecs?: Codecs | undefined;
}

/** What has become of a batch. */
export type BatchOutcome =
  | { readonly kind: "delivered"; readonly baseOffset: number; readonly logAppendTimeMs: number }
  | { readonly kind: "failed"; readonly errorOf: (index: number) => KafkaError };

type Content =
  /** Takes records. */
  | { readonly kind: "open"; readonly builder: RecordBatchBuilder }
  | { readonly kind: "closed"; readonly builder: RecordBatchBuilder }
  /** A codec is at work, on another thread perhaps. */
  | { readonly kind: "packing"; readonly builder: RecordBatchBuilder }
  /** Lacks nothing but its header, or (`stamp`) has one. */
  | { readonly kind: "packed"; readonly packed: PackedBatch; bytes: SharedBytes; stamp: BatchStamp | "none" | undefined }
  | { readonly kind: "gone" };

export interface ProducerBatchInit {
  readonly topic: string;
  readonly partition: number;
  readonly builder: RecordBatchBuilder;
  readonly pool: BufferPool;
  readonly createdAtMs: number;
  readonly dueMs: number;
}

/** The records of one partition that travel together, from the first one's `send` until all are settled. */
export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  /** Monotonic. */
  readonly createdAtMs: number;
  /** When its delivery timeout ends. */
  readonly dueMs: number;
  readonly recipients: BatchRecipients = new BatchRecipients();
  /** What of `bufferMemory` it takes. */
  heldBytes = 0;
  recordCount = 0;
  /** Before compression; the first record's is with the header. */
  largestRecordBytes = 0;
  /** How often it was sent. */
  attempts = 0;
  /** Not before then (monotonic), after a failure. */
  retryAtMs = 0;
  /** The epoch of the leader that it was last sent to. */
  leaderEpoch = -1;
  /** Header and records before compression; known when it is packed. */
  uncompressedBytes = 0;
  sentAtMs = 0;
  /** An attempt ended without an answer that says that it is not in the log. */
  isPossiblyPersisted = false;
  lastError: KafkaError | undefined;
  /** How often it arrived damaged. */
  corruptions = 0;
  /** How often a broker refused its sequence though nothing before it was missing. */
  gaps = 0;
  /** The sequence that it was given when it was first sent; kept for as long as nobody knows better. */
  stamp: BatchStamp | undefined;
  outcome: BatchOutcome | undefined;
  readonly #pool: BufferPool;
  readonly #flushes = new Set<FlushWait>();
  #content: Content;

  constructor({ topic, partition, builder, pool, createdAtMs, dueMs }: ProducerBatchInit) {
    this.topic = topic;
    this.partition = partition;
    this.createdAtMs = createdAtMs;
    this.dueMs = dueMs;
    this.#pool = pool;
    this.#content = { kind: "open", builder };
  }

  get isOpen(): boolean {
    return this.#content.kind === "open";
  }

  get isPacked(): boolean {
    return this.#content.kind === "packed";
  }

  get isPacking(): boolean {
    return this.#content.kind === "packing";
  }

  /** Header and records: uncompressed until it is packed. */
  get sizeInBytes(): number {
    if (this.#content.kind === "packed") return this.#content.packed.bytes.length;
    return this.#content.kind === "gone" ? 0 : this.#content.builder.sizeInBytes;
  }

  /** How many bytes the record took; -1 when it did not fit, or the batch takes no more. */
  tryAppend(timestamp: number, key: RecordBytes, value: RecordBytes, headers: readonly HeaderInput[]): number {
    if (this.#content.kind !== "open") return -1;
    const { builder } = this.#content;
    const before = this.recordCount === 0 ? 0 : builder.sizeInBytes;
    if (!builder.tryAppend(timestamp, key, value, headers)) return -1;
    this.recordCount++;
    const bytes = builder.sizeInBytes - before;
    if (bytes > this.largestRecordBytes) this.largestRecordBytes = bytes;
    return bytes;
  }

  /** It takes no more records. */
  close(): void {
    if (this.#content.kind === "open") this.#content = { kind: "closed", builder: this.#content.builder };
  }

  /** Compresses, if it is to be. Returns a promise when that is not done at once; it never rejects, but resolves to what went wrong. */
  pack({ compression, compressionLevel, codecs = nodeCodecs }: Packing): Promise<Error | undefined> | undefined {
    this.close();
    if (this.#content.kind !== "closed") return undefined;
    const { builder } = this.#content;
    this.uncompressedBytes = builder.sizeInBytes;
    if (compression === "none") {
      this.#packed(builder.pack());
      return undefined;
    }
    this.#content = { kind: "packing", builder };
    const options = { compression, codecs, ...(compressionLevel === undefined ? {} : { compressionLevel }) };
    return builder.packAsync(options).then(
      (packed) => {
        const raw = new SharedBytes(builder.pack().bytes, this.#pool);
        // Settled meanwhile: nobody wants it any more.
        if (this.#content.kind === "packing") this.#packed(packed);
        else this.#pool.release(packed.bytes);
        raw.giveUp();
        return undefined;
      },
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
  }

  /**
   * The whole batch with that stamp in its header, to be handed to a socket, which must let go of it. What a socket is still reading is
   * never written into: a batch that gets another stamp is copied then.
   */
  bytesFor(stamp: BatchStamp | undefined, isTransactional: boolean): SharedBytes {
    const content = this.#content;
    if (content.kind !== "packed") throw new Error(`a batch that is ${content.kind} cannot be sent`);
    const wanted = stamp ?? "none";
    if (content.stamp === undefined || content.stamp !== wanted) {
      if (content.bytes.isBeingSent) content.bytes = this.#copyOf(content.bytes);
      finishBatch(content.packed, content.bytes.bytes, { ...stamp, isTransactional } satisfies BatchFields);
      content.stamp = wanted;
    }
    return content.bytes;
  }

  /** The records, as they are packed: for a batch that has to be taken apart. */
  get packedBytes(): Uint8Array | undefined {
    return this.#content.kind === "packed" ? this.#content.bytes.bytes : undefined;
  }

  /** Have the header be written again, its checksum too. */
  forgetHeader(): void {
    if (this.#content.kind === "packed") this.#content.stamp = undefined;
  }

  /** Its memory is needed no more, but by sockets perhaps. */
  discard(): void {
    const content = this.#content;
    this.#content = { kind: "gone" };
    if (content.kind === "packed") content.bytes.giveUp();
    // While a codec reads it, it goes back when the codec is done.
    else if (content.kind === "open" || content.kind === "closed") this.#pool.release(content.builder.pack().bytes);
  }

  addFlush(flush: FlushWait): void {
    if (this.#flushes.has(flush)) return;
    this.#flushes.add(flush);
    flush.add();
  }

  get flushes(): Iterable<FlushWait> {
    return this.#flushes;
  }

  /** Tells everybody who waits for it. Called once, in the order of the partition's batches. */
  tell(onThrown: OnThrown): void {
    const { outcome, topic, partition, recipients } = this;
    if (outcome?.kind === "delivered") recipients.delivered({ topic, partition, ...outcome } satisfies BatchPlace, onThrown);
    else if (outcome !== undefined) recipients.failed(outcome.errorOf, onThrown);
    this.endFlushes();
  }

  /** Nobody waits for it any more, or for its parts instead. */
  endFlushes(): void {
    for (const flush of this.#flushes) flush.settled();
    this.#flushes.clear();
  }

  #packed(packed: PackedBatch): void {
    this.#content = { kind: "packed", packed, bytes: new SharedBytes(packed.bytes, this.#pool), stamp: undefined };
  }

  #copyOf(shared: SharedBytes): SharedBytes {
    const { length } = shared.bytes;
    const copy = this.#pool.allocate(length).subarray(0, length);
    copy.set(shared.bytes);
    shared.giveUp();
    return new SharedBytes(copy, this.#pool);
  }
}
