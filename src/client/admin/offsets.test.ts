import { describe, expect, it } from "vitest";
import { type AdminClientStage, adminStage } from "../../../test/support/admin-client-stage.ts";
import { BrokerClient } from "../../../test/support/broker-client.ts";
import type { EmbeddedBrokerOptions, KafkaRelease } from "../../broker/index.ts";
import { RecordBatch, UnsupportedVersionError } from "../../protocol/index.ts";
import { IllegalStateError, RequestTimeoutError } from "../errors.ts";

const START_MS = 1_700_000_000_000;

/** Three nodes; records of topic `orders` a second apart, in partition 0 three of them, of which the second is the youngest. */
async function withRecords(options: EmbeddedBrokerOptions = {}): Promise<AdminClientStage> {
  const stage = await adminStage({ nodes: 3, topics: { orders: 3 }, ...options });
  const leader = stage.broker.leaderOf({ topic: "orders", partition: 0 });
  const client = await BrokerClient.connect(stage.broker, { node: leader, clientId: "writer" });
  const records = RecordBatch.encode({
    records: [0, 2000, 1000].map((age, index) => ({ value: `record ${index}`, timestamp: START_MS + age })),
  });
  await client.ask(
    "Produce",
    { acks: -1, timeoutMs: 1000, topicData: [{ name: "orders", partitionData: [{ index: 0, records }] }] },
    3,
  );
  client.close();
  stage.broker.journal.clear();
  return stage;
}

describe("listOffsets", () => {
  it("finds beginning, end, the largest timestamp, and what belongs to a time", async () => {
    const { admin, when } = await withRecords();
    const at = async (place: Parameters<typeof admin.listOffsets>[0][number]["at"]) => {
      const [found] = await when(admin.listOffsets([{ topic: "orders", partition: 0, at: place }]));
      return [found?.offset, found?.timestampMs];
    };
    expect(await at("earliest")).toEqual([0, -1]);
    expect(await at("latest")).toEqual([3, -1]);
    expect(await at("maxTimestamp")).toEqual([1, START_MS + 2000]);
    expect(await at("earliestLocal")).toEqual([0, -1]);
    expect(await at("latestTiered")).toEqual([-1, -1]);
    expect(await at("earliestPendingUpload")).toEqual([-1, -1]);
    expect(await at({ timestampMs: START_MS + 500 })).toEqual([1, START_MS + 2000]);
    expect(await at({ timestampMs: START_MS + 5000 })).toEqual([-1, -1]);
  });

  it("asks each leader once, side by side, and answers in the order asked", async () => {
    const stage = await withRecords();
    const { admin, when, broker } = stage;
    const queries = [2, 0, 1].map((partition) => ({ topic: "orders", partition, at: "latest" }) as const);
    const found = await when(admin.listOffsets(queries));
    expect(found.map(({ partition, offset }) => [partition, offset])).toEqual([
      [2, 0],
      [0, 3],
      [1, 0],
    ]);
    const leaders = [0, 1, 2].map((partition) => broker.leaderOf({ topic: "orders", partition }));
    expect(stage.requests().toSorted()).toEqual(leaders.map((leader) => `ListOffsets → ${leader}`).toSorted());
  });

  it("stops at the first open transaction for readCommitted", async () => {
    const { admin, when, broker } = await withRecords();
    await when(admin.listOffsets([{ topic: "orders", partition: 0, at: "latest" }], { isolationLevel: "readCommitted" }));
    expect(broker.journal.requests("ListOffsets")[0]?.body).toMatchObject({ isolationLevel: 1, replicaId: -1 });
  });

  it("M2: follows a leader that has moved", async () => {
    const { admin, when, broker } = await withRecords();
    const place = { topic: "orders", partition: 0 };
    await when(admin.listOffsets([{ ...place, at: "latest" }]));
    const next = [1, 2, 3].find((node) => node !== broker.leaderOf(place)) ?? 0;
    broker.moveLeader(place, next);
    const [found] = await when(admin.listOffsets([{ ...place, at: "latest" }]));
    expect(found?.offset).toBe(3);
    expect(broker.journal.requests("ListOffsets").at(-1)?.node).toBe(next);
  });

  it("goes on with what is left when a part has moved", async () => {
    const { admin, when, broker } = await withRecords();
    broker.faults.failNext({ api: "ListOffsets", topic: "orders", partition: 1, error: "NOT_LEADER_OR_FOLLOWER", times: 2 });
    const all = [0, 1, 2].map((partition) => ({ topic: "orders", partition, at: "earliest" }) as const);
    const found = await when(admin.listOffsets(all));
    expect(found.map(({ offset }) => offset)).toEqual([0, 0, 0]);
    expect(broker.journal.requests("ListOffsets")).toHaveLength(5);
  });

  it("C5: asks again when the connection breaks", async () => {
    const { admin, when, broker } = await withRecords();
    broker.faults.disconnect({ api: "ListOffsets", times: 3 });
    const [found] = await when(admin.listOffsets([{ topic: "orders", partition: 0, at: "latest" }]));
    expect(found?.offset).toBe(3);
  });

  it("finds the new leader of what a stopped node led", async () => {
    const { admin, when, broker } = await withRecords();
    const place = { topic: "orders", partition: 0 };
    await when(admin.listOffsets([{ ...place, at: "latest" }]));
    await broker.stopNode(broker.leaderOf(place));
    const [found] = await when(admin.listOffsets([{ ...place, at: "latest" }]));
    expect(found?.offset).toBe(3);
  });

  it("gives a topic that is not there a few seconds to appear, and no more", async () => {
    const stage = await withRecords();
    const { error, tookMs } = await stage.outcomeOf(stage.admin.listOffsets([{ topic: "missing", partition: 0, at: "latest" }]));
    expect(error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
    expect(tookMs).toBeGreaterThanOrEqual(4000);
    expect(tookMs).toBeLessThan(8000);
  });

  it("tells of topics and partitions that are not there beside what it found", async () => {
    const { admin, when } = await withRecords();
    const found = await when(
      admin.listOffsets([
        { topic: "orders", partition: 7, at: "latest" },
        { topic: "missing", partition: 0, at: "latest" },
        { topic: "not/a/name", partition: 0, at: "latest" },
        { topic: "orders", partition: 0, at: "latest" },
      ]),
    );
    expect(found.map(({ offset, error }) => offset ?? error?.code)).toEqual([
      "UNKNOWN_TOPIC_OR_PARTITION",
      "UNKNOWN_TOPIC_OR_PARTITION",
      "INVALID_TOPIC_EXCEPTION",
      3,
    ]);
  });

  it("finds a topic that was created a moment ago", async () => {
    const { admin, when, broker, clock } = await withRecords();
    const asked = admin.listOffsets([{ topic: "late", partition: 0, at: "latest" }]);
    clock.schedule(2000, () => broker.createTopic("late"));
    const [found] = await when(asked);
    expect(found?.offset).toBe(0);
  });

  it("fails only what the silent broker led, at the deadline", async () => {
    const stage = await withRecords();
    const { admin, when, broker, clock } = stage;
    const leader = broker.leaderOf({ topic: "orders", partition: 0 });
    broker.faults.neverAnswer({ api: "ListOffsets", node: leader, times: Number.POSITIVE_INFINITY });
    const startMs = clock.now();
    const all = [0, 1, 2].map((partition) => ({ topic: "orders", partition, at: "earliest" }) as const);
    const found = await when(admin.listOffsets(all, { timeoutMs: 8000 }));
    expect(clock.now() - startMs).toBeLessThanOrEqual(8000);
    expect(found[0]?.error).toBeInstanceOf(RequestTimeoutError);
    expect(found.slice(1).map(({ offset }) => offset)).toEqual([0, 0]);
  });

  it("says what went wrong before its time was over, not only that it is", async () => {
    const stage = await withRecords();
    const nowhere = [{ topic: "nowhere", partition: 0, at: "latest" }] as const;
    await stage.when(stage.admin.listTopics());
    stage.broker.faults.neverAnswer({ api: "Metadata", skip: 4, times: 100 });
    const { error } = await stage.outcomeOf(stage.admin.listOffsets(nowhere, { timeoutMs: 3000 }));
    expect(error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION", context: { topic: "nowhere" } });
  });

  it("throws when nothing could be asked at all", async () => {
    const stage = await withRecords();
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const all = [0, 1].map((partition) => ({ topic: "orders", partition, at: "earliest" }) as const);
    const { error, tookMs } = await stage.outcomeOf(stage.admin.listOffsets(all, { timeoutMs: 3000 }));
    expect(error).toBeInstanceOf(Error);
    expect(tookMs).toBeLessThanOrEqual(3000);
  });

  it.each<[KafkaRelease, "maxTimestamp" | "earliestLocal" | "latestTiered" | "earliestPendingUpload", string]>([
    ["2.8", "maxTimestamp", "3.0"],
    ["3.2", "earliestLocal", "3.4"],
    ["3.8", "latestTiered", "3.9"],
    ["4.1", "earliestPendingUpload", "4.2"],
  ])("with brokers of %s tells what they do not know: %s", async (asVersion, at, since) => {
    const { admin, when } = await withRecords({ asVersion });
    const found = await when(
      admin.listOffsets([
        { topic: "orders", partition: 0, at },
        { topic: "orders", partition: 1, at: "earliest" },
      ]),
    );
    expect(found[0]?.error).toBeInstanceOf(UnsupportedVersionError);
    expect(found[0]?.error?.message).toContain(`brokers before ${since} do not know '${at}'`);
    expect(found[1]).toMatchObject({ offset: 0 });
  });

  it.each(["0.11", "1.1", "2.1", "2.8"] as const)("finds both ends with brokers of %s", async (asVersion) => {
    const { admin, when } = await withRecords({ asVersion });
    const found = await when(
      admin.listOffsets([
        { topic: "orders", partition: 0, at: "latest" },
        { topic: "orders", partition: 1, at: "earliest" },
      ]),
    );
    expect(found).toMatchObject([{ offset: 3 }, { offset: 0 }]);
  });

  it("refuses what cannot be asked", async () => {
    const { admin } = await withRecords();
    const error: unknown = await admin
      .listOffsets([
        { topic: "", partition: 0, at: "latest" },
        { topic: "a", partition: -1, at: { timestampMs: -5 } },
        // @ts-expect-error: not a place
        { topic: "b", partition: 0, at: "end" },
        { topic: "c", partition: 0, at: "latest" },
        { topic: "c", partition: 0, at: "earliest" },
      ])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error).split("\n")).toHaveLength(6);
    // @ts-expect-error: not a level
    await expect(admin.listOffsets([], { isolationLevel: "serializable" })).rejects.toThrow("not 'serializable'");
  });
});

describe("deleteRecords", () => {
  it("moves the beginning forward", async () => {
    const { admin, when } = await withRecords();
    const [deleted] = await when(admin.deleteRecords([{ topic: "orders", partition: 0, offset: 2 }]));
    expect(deleted).toEqual({ topic: "orders", partition: 0, lowWatermark: 2 });
    const [first] = await when(admin.listOffsets([{ topic: "orders", partition: 0, at: "earliest" }]));
    expect(first?.offset).toBe(2);
  });

  it("deletes everything up to the high watermark, partition by partition", async () => {
    const { admin, when } = await withRecords();
    const results = await when(
      admin.deleteRecords([
        { topic: "orders", partition: 0, offset: "highWatermark" },
        { topic: "orders", partition: 1, offset: 9 },
      ]),
    );
    expect(results.map(({ lowWatermark, error }) => lowWatermark ?? error?.code)).toEqual([3, "OFFSET_OUT_OF_RANGE"]);
    expect(results[1]?.error?.message).toContain("offset 9 lies beyond the high watermark");
  });

  it("may be repeated after a lost answer: nothing is deleted twice", async () => {
    const { admin, when, broker } = await withRecords();
    broker.faults.disconnect({ api: "DeleteRecords", afterApply: true });
    const [deleted] = await when(admin.deleteRecords([{ topic: "orders", partition: 0, offset: 1 }]));
    expect(deleted?.lowWatermark).toBe(1);
  });

  it("refuses offsets that cannot be", async () => {
    const { admin } = await withRecords();
    await expect(admin.deleteRecords([{ topic: "orders", partition: 0, offset: -1 }])).rejects.toThrow(
      "or 'highWatermark', not -1",
    );
  });
});
