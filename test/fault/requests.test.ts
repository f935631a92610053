// How a request finds its broker, what is made of failures on the way, and when it is given up.

import { afterEach, describe, expect, test } from "vitest";
import { ClosedError, ConnectionError, RequestTimeoutError } from "../../src/client/errors.ts";
import {
  CreateTopics,
  DescribeGroups,
  FindCoordinator,
  type FindCoordinatorRequest,
  ListGroups,
  OffsetFetch,
} from "../../src/protocol/index.ts";
import { ClusterStage, type StageOptions } from "./cluster-stage.ts";

let stage: ClusterStage;

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await ClusterStage.start(options);
  await stage.value(stage.cluster.bootstrap(stage.deadline()));
  await stage.clock.advance(10_000);
}

afterEach(async () => {
  expect(stage.broker.journal.hotLoops).toEqual([]);
  expect(await stage.closeClient()).toBe(0);
  await stage.close();
});

const group = (key: string): { kind: "coordinator"; type: "group"; key: string } => ({ kind: "coordinator", type: "group", key });

function describeGroup(key: string): Promise<{ broker: { nodeId: number } }> {
  const errorsIn = ({ groups }: { groups: readonly { errorCode: number }[] }): number[] => groups.map(({ errorCode }) => errorCode);
  return stage.cluster.ask(DescribeGroups, { groups: [key] }, group(key), { deadline: stage.deadline(), errorsIn });
}

function keysAsked(): (readonly string[])[] {
  return stage.broker.journal.requests("FindCoordinator").map(({ body }) => {
    const { key, coordinatorKeys } = body as FindCoordinatorRequest;
    return coordinatorKeys.length > 0 ? coordinatorKeys : [key];
  });
}

describe("coordinators", () => {
  test("are looked up once, for all who ask in the same moment with one request, and remembered", async () => {
    await begin();
    await stage.value(Promise.all(["a", "b", "c", "a"].map(describeGroup)));
    await stage.value(describeGroup("b"));
    expect(keysAsked()).toEqual([["a", "b", "c"]]);
    const lanes = new Set(stage.broker.journal.requests("DescribeGroups").map(({ connection }) => connection));
    const lookups = new Set(stage.broker.journal.requests("FindCoordinator").map(({ connection }) => connection));
    expect([...lanes].filter((connection) => lookups.has(connection))).toEqual([]);
  });

  test("are asked for one by one where brokers know no better", async () => {
    await begin({ broker: { asVersion: "2.8" } });
    const answers = await stage.value(Promise.all(["a", "b"].map(describeGroup)));
    expect(answers.map(({ broker }) => broker.nodeId)).toEqual(["a", "b"].map((key) => stage.broker.coordinatorOf("group", key)));
    expect(keysAsked()).toEqual([["a"], ["b"]]);
  });

  test("of groups and of transactions are two things", async () => {
    await begin();
    const transaction = { kind: "coordinator", type: "transaction", key: "a" } as const;
    const answer = await stage.value(stage.cluster.ask(ListGroups, {}, transaction, { deadline: stage.deadline() }));
    await stage.value(describeGroup("a"));
    expect(answer.broker.nodeId).toBe(stage.broker.coordinatorOf("transaction", "a"));
    expect(keysAsked()).toEqual([["a"], ["a"]]);
  });

  test("that have moved are looked up again", async () => {
    await begin();
    await stage.value(describeGroup("a"));
    const node = stage.broker.coordinatorOf("group", "a") === 1 ? 2 : 1;
    stage.broker.moveCoordinator("group", "a", node);
    expect((await stage.value(describeGroup("a"))).broker.nodeId).toBe(node);
    expect(keysAsked()).toEqual([["a"], ["a"]]);
  });

  test("that are still loading are asked again, and not looked up again", async () => {
    await begin();
    await stage.value(describeGroup("a"));
    stage.broker.loadCoordinator("group", "a", 3_000);
    const { result, ms } = await stage.took(describeGroup("a"));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThanOrEqual(3_000);
    expect(ms).toBeLessThan(4_500);
    expect(keysAsked()).toEqual([["a"]]);
  });

  test("that nobody knows yet are looked up with growing pauses", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE", times: 5 });
    const { result, ms } = await stage.took(describeGroup("a"));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThan(1_800);
    expect(keysAsked()).toHaveLength(6);
  });

  test("that may not be known fail at once", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "FindCoordinator", error: "GROUP_AUTHORIZATION_FAILED" });
    const { result, ms } = await stage.took(describeGroup("a"));
    expect(result).toMatchObject({ status: "rejected", reason: { code: "GROUP_AUTHORIZATION_FAILED", context: { group: "a" } } });
    expect(ms).toBe(0);
  });

  test("whose node is gone are looked up again", async () => {
    await begin();
    const node = (await stage.value(describeGroup("a"))).broker.nodeId;
    await stage.broker.stopNode(node);
    const { result, ms } = await stage.took(describeGroup("a"));
    expect(result.status).toBe("fulfilled");
    expect(result).not.toMatchObject({ value: { broker: { nodeId: node } } });
    expect(ms).toBeLessThan(5_000);
  });
});

describe("a request", () => {
  test("C23: whose idle connection is being closed is sent again without a pause, once", async () => {
    await begin();
    await stage.value(stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline: stage.deadline() }));
    stage.broker.faults.disconnect({ api: "ListGroups" });
    const { result, ms } = await stage.took(stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline: stage.deadline() }));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBe(0);
    expect(stage.requests("ListGroups")).toBe(3);
  });

  test("C23: that must not be sent twice is not", async () => {
    await begin();
    stage.broker.faults.disconnect({ api: "ListGroups", afterApply: true });
    const reason = await stage.failure(
      stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline: stage.deadline(), retries: false }),
    );
    expect(reason).toBeInstanceOf(ConnectionError);
    expect(reason).toMatchObject({ outcome: "unknown" });
    expect(stage.requests("ListGroups")).toBe(1);
  });

  test("with one attempt gets the answer as it is, and the next one goes the right way", async () => {
    await begin();
    await stage.value(describeGroup("a"));
    const node = stage.broker.coordinatorOf("group", "a") === 1 ? 2 : 1;
    stage.broker.moveCoordinator("group", "a", node);
    const errorsIn = ({ groups }: { groups: readonly { errorCode: number }[] }): number[] =>
      groups.map(({ errorCode }) => errorCode);
    const options = { deadline: stage.deadline(), errorsIn, retries: false };
    const first = await stage.value(stage.cluster.ask(DescribeGroups, { groups: ["a"] }, group("a"), options));
    expect(errorsIn(first.body)).toEqual([16]);
    const second = await stage.value(stage.cluster.ask(DescribeGroups, { groups: ["a"] }, group("a"), options));
    expect(second.broker.nodeId).toBe(node);
  });

  test("whose answer is an error that time does not mend is answered with it, once", async () => {
    await begin();
    const request = { topics: [{ name: "orders", numPartitions: 1, replicationFactor: 1 }], timeoutMs: 1_000 };
    const options = {
      deadline: stage.deadline(),
      errorsIn: ({ topics }: { topics: readonly { errorCode: number }[] }) => topics.map(({ errorCode }) => errorCode),
    };
    const { body } = await stage.value(stage.cluster.ask(CreateTopics, request, { kind: "controller" }, options));
    expect(options.errorsIn(body)).toEqual([36]);
    expect(stage.requests("CreateTopics")).toBe(1);
  });

  test("that runs out of time says how often it was tried, what happened last, and whether it may have been carried out", async () => {
    await begin();
    stage.broker.faults.disconnect({ api: "ListGroups", node: 2, afterApply: true, times: Number.POSITIVE_INFINITY });
    const { result, ms } = await stage.took(
      stage.cluster.ask(ListGroups, {}, { kind: "node", nodeId: 2 }, { deadline: stage.deadline(5_000) }),
    );
    expect(ms).toBe(5_000);
    const reason: unknown = result.status === "rejected" ? result.reason : undefined;
    expect(reason).toBeInstanceOf(RequestTimeoutError);
    expect(reason).toMatchObject({ outcome: "unknown", timeoutMs: 5_000, cause: expect.any(ConnectionError) });
    expect(String(reason)).toMatch(
      /ListGroups to node 2, \d+ attempts in vain: no answer within 5000 ms; the last problem was: broker/,
    );
  });

  test("C8: at a broker that hangs is given up at the deadline", async () => {
    await begin();
    stage.broker.faults.neverAnswer({ api: "ListGroups", times: Number.POSITIVE_INFINITY });
    const { result, ms } = await stage.took(
      stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline: stage.deadline(3_000) }),
    );
    expect(result).toMatchObject({ status: "rejected", reason: { code: "REQUEST_TIMEOUT", outcome: "unknown" } });
    expect(ms).toBe(3_000);
  });

  test("C8: that any broker can answer goes to another one when the first hangs", async () => {
    await begin();
    stage.broker.faults.neverAnswer({ api: "ListGroups" });
    const { result, ms } = await stage.took(stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline: stage.deadline() }));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeLessThan(31_000);
    expect(new Set(stage.broker.journal.requests("ListGroups").map(({ node }) => node)).size).toBe(2);
  });

  test("for a node that is not there names those that are", async () => {
    await begin();
    const reason = await stage.failure(
      stage.cluster.ask(ListGroups, {}, { kind: "node", nodeId: 9 }, { deadline: stage.deadline(2_000) }),
    );
    expect(String(reason)).toMatch(/node 9 is not among the nodes that are alive: 1, 2, 3/);
  });

  test("ends with its caller's reason when it is aborted, whatever it waits for", async () => {
    await begin();
    for (const api of ["ListGroups", "FindCoordinator", "OffsetFetch"] as const) {
      stage.broker.faults.neverAnswer({ api, times: Number.POSITIVE_INFINITY });
    }
    const controller = new AbortController();
    const deadline = stage.deadline(60_000, controller.signal);
    const calls = [
      stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline }),
      stage.cluster.ask(OffsetFetch, { groups: [{ groupId: "a" }] }, group("a"), { deadline }),
      stage.cluster.ask(ListGroups, {}, { kind: "node", nodeId: 9 }, { deadline }),
      stage.cluster.topics(["missing"], deadline),
    ].map((call) =>
      call.then(
        () => "answered",
        (reason: unknown) => reason,
      ),
    );
    await stage.clock.advance(1_000);
    const reason = new Error("enough");
    controller.abort(reason);
    await stage.clock.advance(0);
    expect(await Promise.all(calls)).toEqual([reason, reason, reason, reason]);
  });

  test("that is under way when the client is closed fails with ClosedError, whatever it waits for", async () => {
    await begin();
    stage.broker.faults.neverAnswer({ api: ["ListGroups", "FindCoordinator"], times: Number.POSITIVE_INFINITY });
    const deadline = stage.deadline();
    const calls = [
      stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline }),
      stage.cluster.ask(ListGroups, {}, { kind: "node", nodeId: 9 }, { deadline }),
      stage.cluster.ask(OffsetFetch, { groups: [{ groupId: "a" }] }, group("a"), { deadline }),
      stage.cluster.topics(["missing"], deadline),
    ].map((call) =>
      call.then(
        () => "answered",
        (reason: unknown) => reason,
      ),
    );
    await stage.clock.advance(1_000);
    expect(await stage.closeClient()).toBe(0);
    for (const reason of await Promise.all(calls)) expect(reason).toBeInstanceOf(ClosedError);
    expect(await stage.failure(stage.cluster.ask(ListGroups, {}, { kind: "any" }, { deadline }))).toBeInstanceOf(ClosedError);
    expect(await stage.failure(stage.cluster.refresh(deadline))).toBeInstanceOf(ClosedError);
    expect(await stage.failure(stage.cluster.ask(FindCoordinator, {}, group("b"), { deadline }))).toBeInstanceOf(ClosedError);
  });

  test("finds its broker while nodes come and go: each call is answered or fails typed within its time", async () => {
    await begin();
    const calls: Promise<{ status: string; ms: number; code?: unknown }>[] = [];
    const call = async (): Promise<{ status: string; ms: number; code?: unknown }> => {
      const before = stage.clock.now();
      try {
        await stage.cluster.ask(
          ListGroups,
          {},
          { kind: "leader", topic: "orders", partition: calls.length % 3 },
          { deadline: stage.deadline(10_000) },
        );
        return { status: "answered", ms: stage.clock.now() - before };
      } catch (error) {
        const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
        return { status: "failed", ms: stage.clock.now() - before, code };
      }
    };
    for (let round = 0; round < 60; round++) {
      for (let each = 0; each < 5; each++) calls.push(call());
      if (round % 20 === 5) await stage.broker.stopNode((round % 3) + 1);
      if (round % 20 === 15) await stage.broker.startNode(((round - 10) % 3) + 1);
      await stage.clock.advance(250);
    }
    const results = await stage.value(Promise.all(calls));
    expect(results.filter(({ ms }) => ms > 10_000)).toEqual([]);
    expect(results.filter(({ status, code }) => status === "failed" && code === undefined)).toEqual([]);
    expect(results.filter(({ status }) => status === "answered").length).toBe(300);
  });
});
