/** What an answer says of one partition: records for the reader, a problem, another place or another time to ask. */
import type { FetchPartitionData, KafkaError } from "../../../protocol/index.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { BrokerError, FetchTooLargeError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { AnswerMemory } from "../records/answer-memory.ts";
import { FetchedPart } from "../records/fetched-part.ts";
import type { RecordSettings } from "../records/record-settings.ts";
import { type AskedPartition, isStillWanted } from "./asked-partition.ts";
import type { FetchSlot } from "./fetch-slot.ts";
import { verdictOfPartition } from "./fetch-verdict.ts";

/** Where parts go. */
export interface PartTaker {
  add(part: FetchedPart): void;
  readonly bytes: number;
}

/** Who sees to it that reading goes on at the right place. */
export interface Positions {
  /** The log does not have that offset: the policy decides. */
  reset(partition: AssignedPartition, because: KafkaError): void;
  /** There is another leader, or the log is another one than the one that was read. */
  validate(partition: AssignedPartition, leaderEpoch: number): void;
}

export interface PartIntakeInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  readonly buffer: PartTaker;
  readonly settings: RecordSettings;
  readonly positions: Positions;
  readonly onProblem: (partition: AssignedPartition, error: KafkaError) => void;
  /** Looks at the partition again, where it belongs and when. */
  readonly touch: (slot: FetchSlot) => void;
  readonly cluster: () => Cluster | undefined;
}

/** Who has answered. */
export interface Answerer {
  readonly nodeId: number;
  /** For errors: `host:port`. */
  readonly broker: string;
}

const NONE = 0;
const FACTOR = 2;
const INT32_MAX = 0x7fff_ffff;

export class PartIntake {
  readonly #init: PartIntakeInit;
  readonly #isCommittedOnly: boolean;
  /** No answer can hold more. */
  readonly #mostBytes: number;

  constructor(init: PartIntakeInit) {
    this.#init = init;
    this.#isCommittedOnly = init.config.isolationLevel === "read_committed";
    this.#mostBytes = Math.min(init.config.receiveMessageMaxBytes, INT32_MAX);
  }

  /** Returns what the session has to know: whether it brought records, and whether its topic is another one by now. */
  take(
    asked: AskedPartition,
    data: FetchPartitionData,
    answerer: Answerer,
    memory: AnswerMemory,
  ): { readonly hasRecords: boolean; readonly isOther: boolean } {
    const { slot } = asked;
    let hasRecords = false;
    let isOther = false;
    // F3, F25: what was asked for in another course, or has been answered already, is nobody's.
    if (isStillWanted(asked)) {
      slot.failure = undefined;
      if (data.errorCode === NONE) hasRecords = this.#took(asked, data, memory);
      else isOther = this.#refused(asked, data.errorCode, answerer);
    }
    this.#init.touch(slot);
    return { hasRecords, isOther };
  }

  /** Nothing is asked of it for a while, longer with each time. */
  backOff(slot: FetchSlot): void {
    const { config, runtime } = this.#init;
    const { partition } = slot;
    partition.failures++;
    partition.retryAtMs = runtime.clock.monotonic() + backoffMs(partition.failures, config, runtime.random);
    this.#init.touch(slot);
  }

  /** Somebody has to hear of it, after what was fetched before it. */
  tell(slot: FetchSlot, error: KafkaError): void {
    const { partition } = slot;
    if (partition.bufferedBytes > 0) slot.hold();
    else {
      this.backOff(slot);
      this.#init.onProblem(partition, error);
    }
    this.#init.touch(slot);
  }

  #took(asked: AskedPartition, data: FetchPartitionData, memory: AnswerMemory): boolean {
    const { slot } = asked;
    const { partition } = slot;
    note(partition, data);
    if (data.divergingEpoch.epoch >= 0 || data.divergingEpoch.endOffset >= 0) {
      this.#init.positions.validate(partition, Math.max(asked.leaderEpoch, data.divergingEpoch.epoch));
      return false;
    }
    const { records } = data;
    if (records !== null && records.length > 0) return this.#takeRecords(asked, records, data, memory);
    if (data.preferredReadReplica >= 0) this.#prefer(slot, data.preferredReadReplica);
    else succeeded(partition);
    return false;
  }

  #takeRecords(asked: AskedPartition, records: Uint8Array, data: FetchPartitionData, memory: AnswerMemory): boolean {
    const { slot, course, offset: fetchOffset } = asked;
    const { partition } = slot;
    const aborted = this.#isCommittedOnly ? data.abortedTransactions : null;
    const part = new FetchedPart({ partition, course, fetchOffset, records, aborted, settings: this.#init.settings, memory });
    if (part.problem !== undefined) {
      // F8: there is no telling where the next batch begins; the reader is told when he gets there.
      slot.hold();
      this.#add(partition, part);
      return true;
    }
    if (part.isEmpty) return this.#grow(asked, records.length);
    if (part.nextOffset <= fetchOffset) {
      // F27: asked for the same again at once, it would answer the same.
      this.backOff(slot);
      return false;
    }
    succeeded(partition);
    this.#add(partition, part);
    return true;
  }

  #add(partition: AssignedPartition, part: FetchedPart): void {
    partition.fetched(part.nextOffset, part.nextEpoch);
    this.#init.buffer.add(part);
  }

  /** F7: not even one batch has room. Brokers since 0.10.1 send the first one all the same. */
  #grow({ slot, offset, topic, partition, maxBytes }: AskedPartition, bytes: number): false {
    if (slot.maxBytes < this.#mostBytes) slot.maxBytes = Math.min(this.#mostBytes, Math.max(1, maxBytes, bytes) * FACTOR);
    else this.tell(slot, new FetchTooLargeError({ topic, partition, offset, maxBytes }));
    return false;
  }

  /** KIP-392: the leader answers without records, and names a replica that is nearer. */
  #prefer(slot: FetchSlot, nodeId: number): void {
    const { config, runtime } = this.#init;
    const { partition } = slot;
    const cluster = this.#init.cluster();
    if (cluster?.metadata.brokers.has(nodeId) === true) {
      partition.preferredReplica = { nodeId, untilMs: runtime.clock.monotonic() + config.metadataMaxAgeMs };
      return;
    }
    // F21
    cluster?.needMetadata([partition.topic]);
    this.backOff(slot);
  }

  /** True if the topic is another one by now. */
  #refused(asked: AskedPartition, code: number, { broker, nodeId }: Answerer): boolean {
    const { slot, topic, partition: index, offset } = asked;
    const { partition } = slot;
    const { kind, needsMetadata, restartsSession, isOdd } = verdictOfPartition(code, asked.isFollower);
    const error = new BrokerError(code, { api: "Fetch", topic, partition: index, broker });
    slot.failure = error;
    if (isOdd) {
      const text = `${error.message}; offset ${offset} of topic '${topic}' partition ${index} is asked for again`;
      this.#init.telemetry.warning("FETCH_FAILED", text, { topic, partition: index, offset, code, broker });
    }
    const wasFollower = partition.preferredReplica !== undefined && asked.isFollower;
    if (needsMetadata) this.#init.cluster()?.needMetadata([topic]);
    if (needsMetadata || kind === "ask leader") partition.preferredReplica = undefined;
    if (kind === "reset") this.#reset(slot, error);
    else if (kind === "problem") this.tell(slot, error);
    else if (kind === "ask leader" && wasFollower) return false;
    // The answer has named the new leader (KIP-951), who is asked at once; as is the leader instead of another replica.
    else if (!this.#isElsewhere(partition, nodeId)) this.backOff(slot);
    return restartsSession;
  }

  #isElsewhere({ topic, partition, preferredReplica }: AssignedPartition, nodeId: number): boolean {
    const leader = this.#init.cluster()?.metadata.leaderOf(topic, partition);
    return leader !== undefined && preferredReplica === undefined && leader.broker.nodeId !== nodeId;
  }

  /** F1. What was fetched before is read first: it is there, whatever became of the log behind it. */
  #reset(slot: FetchSlot, error: KafkaError): void {
    const { partition } = slot;
    if (partition.bufferedBytes > 0) slot.hold();
    else this.#init.positions.reset(partition, error);
  }
}

function succeeded(partition: AssignedPartition): void {
  partition.failures = 0;
  partition.retryAtMs = 0;
}

/** Also of an answer without records. */
function note(partition: AssignedPartition, { highWatermark, lastStableOffset, logStartOffset }: FetchPartitionData): void {
  if (highWatermark >= 0) partition.highWatermark = highWatermark;
  if (lastStableOffset >= 0) partition.lastStableOffset = lastStableOffset;
  if (logStartOffset >= 0) partition.logStartOffset = logStartOffset;
}
