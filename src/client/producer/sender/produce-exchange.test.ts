import { describe, expect, it } from "vitest";
import {
  decodeRequest,
  type ProduceRequest,
  type ProduceResponse,
  RecordBatchBuilder,
  readBatches,
} from "../../../protocol/index.ts";
import { BufferPool } from "../accumulator/buffer-pool.ts";
import { PartitionQueue } from "../accumulator/partition-queue.ts";
import { ProducerBatch } from "../accumulator/producer-batch.ts";
import { encodeProduce, matchAnswers, type ProduceHead, type SentBatch, type TopicIds } from "./produce-exchange.ts";

const ORDERS_ID = "AAAAAAAAAAAAAAAAAAAAAQ";
const ids: TopicIds = new Map([["orders", ORDERS_ID]]);
const head: ProduceHead = { version: 12, clientId: "me", transactionalId: null, acks: -1, timeoutMs: 500, ids: undefined };

function sent(topic: string, partition: number, value: string): SentBatch {
  const pool = new BufferPool({ totalBytes: 0, idleBytes: 0 });
  const builder = new RecordBatchBuilder({ maxBytes: 20_000 });
  const batch = new ProducerBatch({ topic, partition, builder, pool, createdAtMs: 0, dueMs: 1000 });
  batch.tryAppend(5, null, value, []);
  void batch.pack({ compression: "none", compressionLevel: undefined, isTransactional: false });
  const bytes = batch.bytesFor({ producerId: 1n, producerEpoch: 0, baseSequence: 0 }, false);
  return { partition: new PartitionQueue(topic, partition), batch, bytes };
}

const answerOf = (
  ...responses: readonly { name?: string; topicId?: string; partitions: readonly (readonly [number, number])[] }[]
): ProduceResponse =>
  ({
    responses: responses.map(({ name = "", topicId = "", partitions }) => ({
      name,
      topicId,
      partitionResponses: partitions.map(([index, errorCode]) => ({ index, errorCode })),
    })),
  }) as unknown as ProduceResponse;

describe("a Produce request", () => {
  it.each([3, 7, 9, 12, 13])("v%i has the batches of a topic together, and can be read", (version) => {
    const batches = [sent("orders", 0, "a"), sent("orders", 2, "b")];
    const frame = Buffer.concat(encodeProduce({ ...head, version, ids: version < 13 ? undefined : ids }, batches));
    const decoded = decodeRequest(frame);
    expect(decoded).toMatchObject({ api: "Produce", version, clientId: "me" });
    const body = decoded.body as ProduceRequest;
    expect(body).toMatchObject({ acks: -1, timeoutMs: 500, transactionalId: null });
    expect(body.topicData).toHaveLength(1);
    const [topic] = body.topicData;
    expect(version < 13 ? topic!.name : topic!.topicId).toBe(version < 13 ? "orders" : ORDERS_ID);
    const values = topic!.partitionData.map(({ index, records }) => [
      index,
      ...[...readBatches(records ?? new Uint8Array())].flatMap((batch) =>
        batch.records().map(({ value }) => String(Buffer.from(value ?? []))),
      ),
    ]);
    expect(values).toEqual([
      [0, "a"],
      [2, "b"],
    ]);
  });

  it("does not copy the batches: their memory is part of the frame", () => {
    const one = sent("orders", 0, "x".repeat(15_000));
    const pieces = encodeProduce(head, [one]);
    expect(pieces.some((piece) => piece.buffer === one.bytes.bytes.buffer)).toBe(true);
  });
});

describe("P24: an answer", () => {
  const batches = [sent("orders", 0, "a"), sent("orders", 1, "b"), sent("other", 0, "c")];
  const codes = (answer: ProduceResponse, own: TopicIds | undefined) =>
    matchAnswers(batches, answer, own).map((one) => one?.errorCode);

  it("is matched by topic and partition, in whatever order it comes", () => {
    const answer = answerOf(
      { name: "other", partitions: [[0, 3]] },
      {
        name: "orders",
        partitions: [
          [1, 2],
          [0, 1],
        ],
      },
    );
    expect(codes(answer, undefined)).toEqual([1, 2, 3]);
  });

  it("counts the first time only, and where it was asked for", () => {
    const answer = answerOf(
      {
        name: "orders",
        partitions: [
          [0, 1],
          [0, 9],
          [7, 9],
        ],
      },
      {
        name: "orders",
        partitions: [
          [1, 2],
          [0, 9],
        ],
      },
      { name: "nobody's", partitions: [[0, 9]] },
    );
    expect(codes(answer, undefined)).toEqual([1, 2, undefined]);
  });

  it("that names topics by id is matched by id", () => {
    const answer = answerOf({ topicId: ORDERS_ID, partitions: [[1, 2]] }, { name: "orders", partitions: [[0, 9]] });
    expect(codes(answer, ids)).toEqual([undefined, 2, undefined]);
  });

  it("is no way to reach what every object has", () => {
    const answer = answerOf({ name: "__proto__", partitions: [[0, 9]] }, { name: "constructor", partitions: [[0, 9]] });
    expect(codes(answer, undefined)).toEqual([undefined, undefined, undefined]);
  });
});
