import { checkOptions, checkRecord, checkSignal, checkTimeout } from "../call-checks.ts";
import type { CallOptions } from "../client-core.ts";
import { resolveShareConsumerConfig } from "../config/share-consumer-config.ts";
import type { ShareConsumerOptions } from "../config/share-consumer-options.ts";
import { checkTopicName } from "../consumer/assignment/subscription.ts";
import { IllegalStateError } from "../errors.ts";
import { type Runtime, systemRuntime } from "../runtime.ts";
import type { MetricsSnapshot } from "../telemetry/metrics/metrics-registry.ts";
import type { AcknowledgeType } from "./acknowledge-type.ts";
import type { AcknowledgementResult } from "./acknowledgement-result.ts";
import type { RecordPlace } from "./in-hand.ts";
import { ShareCore } from "./share-core.ts";
import { typedRecords } from "./share-record.ts";
import { ShareRecords } from "./share-records.ts";

export interface ShareConsumerCloseOptions {
  /** How long closing may take at most. */
  readonly timeoutMs?: number;
}

/** How long closing takes at most, if nobody says otherwise: Java's. */
const CLOSE_MS = 30_000;

/**
 * A member of a share group (KIP-932): members share the records of the same partitions as workers share a queue. Each record is locked
 * for whoever gets it, acknowledged by him one by one, and delivered again, to anybody, when he releases it, does not come to it before the
 * lock runs out, or is gone. There are no positions, and no order among members.
 *
 * What is polled is read when somebody polls, and not ahead, for locks run from then on.
 */
export class ShareConsumer<K = Uint8Array | null, V = Uint8Array | null> {
  readonly #core: ShareCore;

  /**
   * Connects to nobody yet: the first poll does.
   *
   * @throws ConfigError with all problems of the options at once
   */
  constructor(options: ShareConsumerOptions<K, V>, runtime: Runtime = systemRuntime) {
    this.#core = new ShareCore(resolveShareConsumerConfig(options), runtime);
  }

  /** Topics by their names, instead of those before. Where the group begins in them is its own config, `share.auto.offset.reset`. */
  subscribe(topics: string | readonly string[]): void {
    this.#core.checkOpen();
    const names: readonly unknown[] = Array.isArray(topics) ? topics : [topics];
    const checked = new Set<string>();
    for (const name of names) {
      checkTopicName("subscribe", name);
      checked.add(name);
    }
    if (checked.size === 0) throw new IllegalStateError("subscribe: there has to be a topic; close() leaves the group");
    this.#core.subscribe(checked);
  }

  subscription(): ReadonlySet<string> {
    return new Set(this.#core.topics);
  }

  /**
   * Records that are locked for this consumer, `maxPollRecords` at most; if there are none, the first that come within `timeoutMs`
   * (default 0). With implicit acknowledgement, who polls again has accepted what he got before; with explicit, each of those has to be
   * acknowledged first. Records whose lock was renewed come again, before others.
   *
   * @throws IllegalStateError when records are not acknowledged; WakeupError; what keeps the group, a topic or a record from being read
   */
  async poll(options: CallOptions = {}): Promise<ShareRecords<K, V>> {
    this.#core.checkOpen();
    checkOptions("poll", options);
    const { timeoutMs = 0, signal } = options;
    checkSignal("poll", signal);
    checkTimeout("poll", timeoutMs);
    if (this.#core.topics.size === 0) throw new IllegalStateError("poll: subscribe to topics first");
    return new ShareRecords(typedRecords<K, V>(await this.#core.poll(timeoutMs, signal)));
  }

  /**
   * Says what becomes of a record of the last poll; the brokers are told with the next `poll`, `commit` or `close`, until when it may be
   * said otherwise. Also of one whose DeserializationError that poll threw, which is released otherwise.
   *
   * @throws IllegalStateError when it is not in hand, or acknowledgement is implicit
   */
  acknowledge(record: RecordPlace, type: AcknowledgeType = "accept"): void {
    this.#core.checkOpen();
    if (this.#core.config.shareAcknowledgementMode === "implicit") {
      throw new IllegalStateError("acknowledge: acknowledgement is implicit; set shareAcknowledgementMode to 'explicit'");
    }
    checkRecord("acknowledge", record);
    this.#core.inHand.acknowledge(record, type);
  }

  /**
   * Tells the brokers what is acknowledged, with implicit acknowledgement all records of the last poll, and resolves to what became of
   * it, partition by partition. Whose answer has not come within `timeoutMs` has an AcknowledgementError of unknown outcome.
   */
  async commit(options: CallOptions = {}): Promise<AcknowledgementResult[]> {
    this.#core.checkOpen();
    return this.#core.commit(options);
  }

  /** Whoever polls, or comes next to poll, gets a WakeupError instead. */
  wakeup(): void {
    this.#core.calls.wakeup();
  }

  /** How long brokers lock records, as the last one said; undefined before. */
  get acquisitionLockTimeoutMs(): number | undefined {
    return this.#core.fetcher.lockTimeoutMs;
  }

  /** For as long as it lives. */
  get memberId(): string {
    return this.#core.fetcher.memberId;
  }

  metrics(): MetricsSnapshot {
    return this.#core.client.telemetry.snapshot();
  }

  /**
   * Tells what is acknowledged, releases what is not (with implicit acknowledgement the records of the last poll), leaves the group, and
   * ends everything; may be called again. Who polls gets a ClosedError.
   */
  async close(options: ShareConsumerCloseOptions = {}): Promise<void> {
    checkOptions("close", options);
    const { timeoutMs = CLOSE_MS } = options;
    checkTimeout("close", timeoutMs);
    await this.#core.close(timeoutMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
