// What becomes of the view of the cluster when brokers leave, hang or send one elsewhere. The ids are those of the list of faults.

import { afterEach, describe, expect, test } from "vitest";
import { BootstrapError } from "../../src/client/errors.ts";
import { CreateTopics, ListGroups } from "../../src/protocol/index.ts";
import { ClusterStage, type StageOptions } from "./cluster-stage.ts";
import { alterMetadata, askLeader, endQuietly, leader, place, stageThatKnowsOrders } from "./metadata-stage.ts";

let stage: ClusterStage;

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await stageThatKnowsOrders(options);
}

afterEach(() => endQuietly(stage));

describe("metadata, where brokers go", () => {
  test("M10: a request on its way to a broker that leaves the cluster goes to the next leader", async () => {
    await begin();
    const node = stage.broker.leaderOf(place);
    stage.broker.faults.neverAnswer({ api: "ListOffsets", node });
    const answer = askLeader(stage);
    await stage.clock.advance(1_000);
    expect(stage.requests("ListOffsets")).toBe(1);
    await stage.broker.stopNode(node);
    const { result, ms } = await stage.took(answer);
    expect(result).toMatchObject({ status: "fulfilled", value: { broker: { nodeId: stage.broker.leaderOf(place) } } });
    expect(ms).toBeLessThan(2_000);
    expect(stage.cluster.metadata.brokers.has(node)).toBe(false);
  });

  test("M11: with all brokers gone the client starts over: names resolved anew, every connection made anew, topics kept", async () => {
    const reasons: string[] = [];
    const resolved: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      runtime: (runtime) => ({
        ...runtime,
        resolve(host) {
          resolved.push(host);
          return runtime.resolve(host);
        },
      }),
    });
    const resolvedBefore = resolved.length;
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const answer = askLeader(stage, 600_000);
    await stage.clock.advance(20_000);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/none of the 3 known brokers/);
    expect(stage.cluster.isBootstrapped).toBe(false);
    expect(stage.cluster.metadata).toMatchObject({ clusterId: undefined, controllerId: -1 });
    expect(stage.pool.clusterId).toBeUndefined();
    expect(stage.cluster.metadata.topics.get("orders")?.partitions).toHaveLength(3);
    expect(resolved.length).toBeGreaterThan(resolvedBefore);
    for (const { id } of stage.broker.nodes) await stage.broker.startNode(id);
    expect((await stage.settle(answer)).status).toBe("fulfilled");
    expect(stage.cluster.metadata.clusterId).toBe(stage.broker.clusterId);
  });

  test("M11: a call that nobody can answer ends at its deadline with what was tried", async () => {
    await begin();
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const { result, ms } = await stage.took(askLeader(stage, 8_000));
    expect(ms).toBe(8_000);
    const reason = result.status === "rejected" ? result.reason : undefined;
    expect(reason).toBeInstanceOf(BootstrapError);
    expect(reason).toMatchObject({ attempts: expect.arrayContaining([expect.objectContaining({ phase: "tcp" })]) });
  });

  test("M11: REBOOTSTRAP_REQUIRED in an answer starts over, and closes every connection", async () => {
    const reasons: string[] = [];
    await begin({ telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) } });
    await stage.value(askLeader(stage));
    const open = stage.pool.open(stage.cluster.metadata.brokers.get(stage.broker.leaderOf(place)) ?? raise(), "main");
    expect(open?.isOpen).toBe(true);
    alterMetadata(stage, (body) => ({ ...body, errorCode: 129 }), 1);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(reasons).toHaveLength(1);
    expect(open?.isOpen).toBe(false);
    expect(stage.cluster.isBootstrapped).toBe(true);
  });

  test("M11: so does REBOOTSTRAP_REQUIRED of a broker that is connected to", async () => {
    const reasons: string[] = [];
    await begin({ telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) } });
    stage.broker.faults.failNext({ api: "ApiVersions", error: "REBOOTSTRAP_REQUIRED" });
    const options = { deadline: stage.deadline(), lane: "fetch" } as const;
    expect((await stage.settle(stage.cluster.ask(ListGroups, {}, leader, options))).status).toBe("fulfilled");
    expect(reasons).toHaveLength(1);
  });

  test("M11: no metadata for too long starts over, though brokers can be connected to", async () => {
    const reasons: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      cluster: { rebootstrapTriggerMs: 20_000 },
    });
    alterMetadata(stage, (body) => ({ ...body, brokers: [] }), 60);
    await stage.value(stage.cluster.refresh(stage.deadline(120_000), ["orders"]));
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/no metadata for 2\d{4} ms/);
  });

  test("M11: with the strategy none the known brokers are kept, and found again", async () => {
    const reasons: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      cluster: { metadataRecoveryStrategy: "none" },
    });
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const answer = askLeader(stage, 900_000);
    await stage.clock.advance(400_000);
    expect(stage.cluster.metadata.brokers.size).toBe(3);
    for (const { id } of stage.broker.nodes) await stage.broker.startNode(id);
    expect((await stage.settle(answer)).status).toBe("fulfilled");
    expect(reasons).toEqual([]);
  });

  test("M12: an answer without brokers is a failure, and what was known stays", async () => {
    const failures: string[] = [];
    await begin({ telemetry: { metadataFailed: ({ error }) => failures.push(error.message) } });
    const known = stage.cluster.metadata;
    alterMetadata(stage, (body) => ({ ...body, brokers: [], topics: [] }), 2);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatch(/without naming any broker/);
    expect(stage.cluster.metadata).toBe(known);
  });

  test("M15: a bootstrap server that hangs costs half a second", async () => {
    stage = await ClusterStage.start();
    // Whichever is tried first.
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const { result, ms } = await stage.took(stage.cluster.bootstrap(stage.deadline()));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBe(500);
  });

  test("M15: a known broker that hangs is left for another after the request's time", async () => {
    await begin();
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const { result, ms } = await stage.took(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThanOrEqual(30_000);
    expect(ms).toBeLessThan(31_000);
    const nodes = stage.broker.journal
      .requests("Metadata")
      .slice(-2)
      .map(({ node }) => node);
    expect(new Set(nodes).size).toBe(2);
  });

  test("M17: NOT_CONTROLLER makes the client look up the controller, and ask it", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "CreateTopics", error: "NOT_CONTROLLER" });
    const asked = stage.requests("Metadata");
    const request = { topics: [{ name: "new", numPartitions: 1, replicationFactor: 1 }], timeoutMs: 1_000 };
    const answer = await stage.value(
      stage.cluster.ask(
        CreateTopics,
        request,
        { kind: "controller" },
        {
          deadline: stage.deadline(),
          errorsIn: ({ topics }) => topics.map(({ errorCode }) => errorCode),
        },
      ),
    );
    expect(answer.body.topics[0]?.errorCode).toBe(0);
    expect(stage.requests("CreateTopics")).toBe(2);
    expect(stage.requests("Metadata")).toBe(asked + 1);
  });
});

function raise(): never {
  throw new Error("there is none");
}
