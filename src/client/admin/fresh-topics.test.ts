import { describe, expect, it } from "vitest";
import { adminStage } from "../../../test/support/admin-client-stage.ts";

const UNKNOWN = "UNKNOWN_TOPIC_OR_PARTITION";

describe("a topic that was created a moment ago", () => {
  it("is asked for again, alone, while the brokers that answer do not know it yet", async () => {
    const stage = await adminStage({ nodes: 3, topics: { orders: 1 } });
    const { admin, broker, when } = stage;
    await when(admin.createTopics([{ name: "fresh", numPartitions: 2 }]));
    broker.faults.failNext({ api: "DescribeTopicPartitions", topic: "fresh", error: UNKNOWN, times: 3 });
    const [orders, fresh] = await when(admin.describeTopics(["orders", "fresh"]));
    expect([orders?.partitions?.length, fresh?.partitions?.length]).toEqual([1, 2]);
    expect(stage.requests().filter((request) => request.startsWith("DescribeTopicPartitions"))).toHaveLength(4);
    broker.faults.failNext({ api: "DescribeConfigs", topic: "fresh", error: UNKNOWN, times: 2 });
    const [configs] = await when(admin.describeConfigs([{ type: "topic", name: "fresh" }]));
    expect(configs?.configs?.size).toBeGreaterThan(10);
  });

  it("is unknown in the end if nobody ever knows it, and within the call's deadline", async () => {
    const stage = await adminStage();
    await stage.when(stage.admin.createTopics([{ name: "fresh" }]));
    stage.broker.faults.failNext({
      api: "DescribeTopicPartitions",
      topic: "fresh",
      error: UNKNOWN,
      times: Number.POSITIVE_INFINITY,
    });
    const slow = await stage.outcomeOf(stage.admin.describeTopics(["fresh"], { timeoutMs: 2000 }));
    expect(slow.error).toMatchObject({ code: UNKNOWN });
    expect(slow.tookMs).toBeLessThanOrEqual(2000);
    const patient = await stage.outcomeOf(stage.admin.describeTopics(["fresh"]));
    expect(patient.error).toMatchObject({ code: UNKNOWN });
    expect(patient.tookMs).toBeLessThanOrEqual(5000);
  });

  it("is unknown at once when it was only validated, was deleted again, or is somebody else's", async () => {
    const stage = await adminStage();
    const { admin, when } = stage;
    await when(admin.createTopics([{ name: "validated" }], { validateOnly: true }));
    await when(admin.createTopics([{ name: "deleted" }]));
    await when(admin.deleteTopics(["deleted"]));
    for (const name of ["validated", "deleted", "never"]) {
      const { error, tookMs } = await stage.outcomeOf(admin.describeTopics([name]));
      expect([error, tookMs]).toEqual([expect.objectContaining({ code: UNKNOWN }), 0]);
    }
  });
});
