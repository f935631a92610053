/** One Produce request: from batches to bytes, and from its answer back to batches. */
import {
  decodeResponse,
  encodeRequestChunks,
  Produce,
  type ProducePartitionResponse,
  type ProduceResponse,
  ZERO_UUID,
} from "../../../protocol/index.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";
import type { SharedBytes } from "../accumulator/shared-bytes.ts";

/** The first version that names topics by their ids. */
export const FIRST_VERSION_WITH_IDS = 13;
/** The first version that knows zstd (KIP-110). */
export const FIRST_VERSION_WITH_ZSTD = 7;

/** A batch on its way. */
export interface SentBatch {
  readonly partition: PartitionQueue;
  readonly batch: ProducerBatch;
  readonly bytes: SharedBytes;
}

/** By name. */
export type TopicIds = ReadonlyMap<string, string>;

export interface ProduceHead {
  readonly version: number;
  readonly clientId: string;
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly timeoutMs: number;
  /** For versions that name topics by them. */
  readonly ids: TopicIds | undefined;
}

/** The frame in pieces; the batches are not copied. */
export function encodeProduce(head: ProduceHead, sent: readonly SentBatch[]): Uint8Array[] {
  const { version, clientId, transactionalId, acks, timeoutMs, ids } = head;
  const byTopic = new Map<string, { index: number; records: Uint8Array }[]>();
  for (const { batch, bytes } of sent) {
    const entry = { index: batch.partition, records: bytes.bytes };
    const entries = byTopic.get(batch.topic);
    if (entries === undefined) byTopic.set(batch.topic, [entry]);
    else entries.push(entry);
  }
  const topicData = [...byTopic].map(([topic, partitionData]) =>
    ids === undefined ? { name: topic, partitionData } : { topicId: ids.get(topic) ?? ZERO_UUID, partitionData },
  );
  return encodeRequestChunks(
    { api: Produce, version, correlationId: 0, clientId },
    { transactionalId, acks, timeoutMs, topicData },
  );
}

export function decodeProduce(version: number, frame: Uint8Array): ProduceResponse {
  return decodeResponse({ api: Produce, version }, frame).body;
}

/**
 * Each batch with its part of the answer; undefined where there is none (P24). What nobody asked for, or what comes twice, is of no
 * concern.
 */
export function matchAnswers(
  sent: readonly SentBatch[],
  { responses }: ProduceResponse,
  ids: TopicIds | undefined,
): readonly (ProducePartitionResponse | undefined)[] {
  const answers = new Map<string, Map<number, ProducePartitionResponse>>();
  for (const { name, topicId, partitionResponses } of responses) {
    const key = ids === undefined ? name : topicId;
    const ofTopic = answers.get(key) ?? new Map<number, ProducePartitionResponse>();
    answers.set(key, ofTopic);
    for (const answer of partitionResponses) if (!ofTopic.has(answer.index)) ofTopic.set(answer.index, answer);
  }
  return sent.map(({ batch }) => {
    const key = ids === undefined ? batch.topic : (ids.get(batch.topic) ?? ZERO_UUID);
    return answers.get(key)?.get(batch.partition);
  });
}
