// Answers to Produce that single out records, are not to the question, or name a code that nobody knows. The faults are numbered as in the
// fault list.

import { describe, expect, it } from "vitest";
import { codeNamed, producerStage, TOPIC } from "../support/producer-stage.ts";

describe("P5: refused, nobody knows why", () => {
  it("a code that nobody knows fails it, and may mean anything", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.on("Produce", async (_request, { next }) => withCode(await next(), 4711), { times: 1 });
    const { error } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", errorCode: 4711, verdict: "possibly persisted" });
  });
});

describe("P22: single records are refused (KIP-467)", () => {
  it("those get what is wrong with them; the others of the batch, that they were only in its company", async () => {
    const stage = await producerStage();
    await stage.begun();
    const records = [{ batchIndex: 1, message: "too blue" }, { batchIndex: 2 }];
    stage.broker.faults.recordErrors({ topic: TOPIC, partition: 0, records, message: "two are bad" });
    const reasons = (await stage.sendAll("a", "b", "c", "d")).map((one) => (one.status === "rejected" ? one.reason : one.value));
    const company = expect.stringContaining("part of a batch with invalid records");
    expect(reasons).toMatchObject([
      { code: "INVALID_RECORD", verdict: "not persisted", message: company },
      { code: "INVALID_RECORD", verdict: "not persisted", brokerMessage: "too blue" },
      { code: "INVALID_RECORD", verdict: "not persisted", brokerMessage: "two are bad" },
      { code: "INVALID_RECORD", verdict: "not persisted", message: company },
    ]);
    for (const refused of [reasons[1], reasons[2]]) expect(String(refused)).not.toContain("part of a batch");
    expect(stage.log()).toEqual(["begun"]);
  });

  it("one record alone keeps its partition's code; several get INVALID_RECORD, their company the partition's", async () => {
    const stage = await producerStage();
    await stage.begun();
    const fault = {
      topic: TOPIC,
      partition: 0,
      error: "INVALID_TIMESTAMP",
      records: [{ batchIndex: 0, message: "too old" }],
    } as const;
    stage.broker.faults.recordErrors(fault);
    await stage.sendAll("alone");
    stage.broker.faults.recordErrors(fault);
    await stage.sendAll("old", "young");
    expect(stage.told).toEqual([
      "alone: INVALID_TIMESTAMP, not persisted",
      "old: INVALID_RECORD, not persisted",
      "young: INVALID_TIMESTAMP, not persisted",
    ]);
  });

  it("an index that is in no batch harms nobody", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.recordErrors({ topic: TOPIC, partition: 0, records: [{ batchIndex: 7 }, { batchIndex: -1 }] });
    await stage.sendAll("a", "b");
    expect(stage.told).toEqual(["a: INVALID_RECORD, not persisted", "b: INVALID_RECORD, not persisted"]);
  });
});

describe("P24: an answer that is not to the question", () => {
  it("tells of a partition twice: the first word holds; of others, that nobody asked for: nothing", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.on(
      "Produce",
      async (_request, { next }) =>
        withPartitions(await next(), (own) => [
          { index: 5, errorCode: 29, baseOffset: -1 },
          ...own,
          ...own.map((one) => ({ ...one, errorCode: codeNamed("INVALID_RECORD"), baseOffset: 99 })),
          { index: 1, errorCode: 0, baseOffset: 7 },
        ]),
      { times: 1 },
    );
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.wire()).toHaveLength(2);
  });

  it("leaves a partition out: its records may be written, and are sent again; the others' are done", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.on(
      "Produce",
      async (_request, { next }) => withPartitions(await next(), (own) => own.filter(({ index }) => index !== 0)),
      { times: 1 },
    );
    const results = await stage.when(Promise.all([stage.send("a"), stage.send("other", { partition: 1 })]));
    expect(results.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(
      stage
        .wire()
        .filter(({ partition }) => partition === 0)
        .map(({ sequence }) => sequence),
    ).toEqual([0, 1, 1]);
    expect(stage.log()).toEqual(["begun", "a"]);
    expect(stage.log(1)).toEqual(["other"]);
  });

  it("always leaves it out: in the end the record may be in the log", async () => {
    const stage = await producerStage({}, { deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
    await stage.begun();
    stage.broker.faults.on("Produce", async (_request, { next }) => withPartitions(await next(), () => []));
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a: REQUEST_TIMEOUT, possibly persisted"]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("tells of another topic only: as if it told of none", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 1, other: 1 } });
    await stage.begun();
    const other = stage.broker.topics.find(({ name }) => name === "other")!;
    stage.broker.faults.on(
      "Produce",
      async (_request, { next }) => {
        const answer = (await next()) as { responses: object[] };
        return { ...answer, responses: answer.responses.map((one) => ({ ...one, name: "other", topicId: other.id })) };
      },
      { times: 1 },
    );
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });
});

interface PartitionAnswer {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

function withPartitions(answer: unknown, change: (own: readonly PartitionAnswer[]) => readonly PartitionAnswer[]): unknown {
  const { responses, ...rest } = answer as {
    readonly responses: readonly { readonly partitionResponses: readonly PartitionAnswer[] }[];
  };
  return { ...rest, responses: responses.map((topic) => ({ ...topic, partitionResponses: change(topic.partitionResponses) })) };
}

function withCode(answer: unknown, errorCode: number): unknown {
  return withPartitions(answer, (own) => own.map((one) => ({ ...one, errorCode })));
}
