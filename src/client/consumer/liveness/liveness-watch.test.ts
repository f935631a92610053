import { describe, expect, it, onTestFinished } from "vitest";
import { type ConsumerStage, consumerStage, GROUP, TOPIC } from "../../../../test/support/consumer-stage.ts";
import type { FetchResponse } from "../../../protocol/index.ts";
import { onDiagnostics } from "../../telemetry/diagnostics.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };
const FOREVER = { times: Number.POSITIVE_INFINITY };
const MINUTE = 60_000;
/** A topic on one node of two, so that there is another one to ask about the cluster. */
const ON_ONE_NODE = { nodes: 2, topics: { [TOPIC]: { partitions: 2, replicationFactor: 1 } } };

/** What is told of stalls, as `0 REASON lag 3` and `0 goes on`. */
function told(): string[] {
  const events: string[] = [];
  const ends = [
    onDiagnostics("kafkawire:consumer:stalled", ({ partition, reason, lag }) =>
      events.push(`${partition} ${reason}${lag === undefined ? "" : ` lag ${lag}`}`),
    ),
    onDiagnostics("kafkawire:consumer:resumed", ({ partition }) => events.push(`${partition} goes on`)),
  ];
  onTestFinished(() => {
    for (const end of ends) end();
  });
  return events;
}

/** What a loop over all records has got, and what has ended it. */
function looping(stage: ConsumerStage): { readonly values: string[]; readonly error: () => unknown } {
  const values: string[] = [];
  let error: unknown;
  const loop = async (): Promise<void> => {
    for await (const { value } of stage.consumer) values.push(String(value));
  };
  loop().catch((thrown: unknown) => {
    error = thrown;
  });
  return { values, error: () => error };
}

const stalled = (stage: ConsumerStage): number | undefined =>
  stage.consumer.metrics()["consumer-fetch-manager-metrics"]?.["stalled-partitions"];

describe("a partition that makes no progress", () => {
  it("is told of once while its broker does not answer, and goes on without any error when it does", async () => {
    const events = told();
    const stage = await consumerStage({ requestTimeoutMs: 40_000 });
    await stage.write(["a", "b"]);
    stage.broker.faults.neverAnswer({ api: "Fetch" });
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(9000);
    expect(events).toEqual([]);
    await stage.clock.advance(4000);
    expect([events, stalled(stage)]).toEqual([["0 UNANSWERED"], 1]);
    await stage.clock.advance(20_000);
    expect(events).toHaveLength(1);
    await stage.clock.advance(20_000);
    expect([loop.values, loop.error()]).toEqual([["a", "b"], undefined]);
    expect([events, stalled(stage)]).toEqual([["0 UNANSWERED", "0 goes on"], 0]);
    expect(stage.warnings.filter((code) => code === "CONSUMER_STALLED")).toHaveLength(1);
  });

  it("is told with its facts: where, why, for how long, and how much there is to read", async () => {
    const stage = await consumerStage();
    const warnings: unknown[] = [];
    const end = onDiagnostics("kafkawire:warning", ({ code, text, facts }) => warnings.push({ code, text, facts }));
    onTestFinished(end);
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    await stage.read(1);
    await stage.write(["c", "d"]);
    await stage.clock.advance(1000);
    await stage.read(2);
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, error: "KAFKA_STORAGE_ERROR", ...FOREVER });
    await stage.write(["e"]);
    stage.consumer.seek(P0, 3);
    await stage.clock.advance(15_000);
    const text = `topic '${TOPIC}' partition 0 makes no progress: broker `;
    const facts = { topic: TOPIC, partition: 0, reason: "REFUSED", offset: 3, lag: 2, others: 0, sinceMs: expect.any(Number) };
    expect(warnings).toContainEqual({
      code: "CONSUMER_STALLED",
      text: expect.stringContaining(text),
      facts: { ...facts, error: expect.stringContaining("KAFKA_STORAGE_ERROR") },
    });
  });

  it("has no leader: until there is one again", async () => {
    const events = told();
    const stage = await consumerStage({}, ON_ONE_NODE);
    await stage.write(["a"]);
    const leader = stage.broker.leaderOf(P0);
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(1000);
    await stage.broker.stopNode(leader);
    await stage.clock.advance(20_000);
    expect(events).toEqual(["0 NO_LEADER lag 0"]);
    await stage.broker.startNode(leader);
    await stage.clock.advance(10_000);
    expect([events.slice(1), loop.error()]).toEqual([["0 goes on"], undefined]);
  });

  it("does not know where to begin, for the group's coordinator is not there", async () => {
    const events = told();
    const stage = await consumerStage({ groupId: GROUP, enableAutoCommit: false });
    await stage.write(["a"]);
    const fault = stage.broker.faults.failNext({ api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE", ...FOREVER });
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(20_000);
    expect(events).toEqual(["0 POSITION_UNKNOWN"]);
    fault.cancel();
    await stage.clock.advance(5000);
    expect([events.slice(1), loop.values, loop.error()]).toEqual([["0 goes on"], ["a"], undefined]);
  });

  it("does not know where to begin, for its leader does not say", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    const fault = stage.broker.faults.failNext({ api: "ListOffsets", error: "OFFSET_NOT_AVAILABLE", ...FOREVER });
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(20_000);
    expect(events).toEqual(["0 POSITION_UNKNOWN"]);
    fault.cancel();
    await stage.clock.advance(5000);
    expect([events.slice(1), loop.values]).toEqual([["0 goes on"], ["a"]]);
  });

  it("waits for its new leader to say whether it has what was read", async () => {
    const events = told();
    const stage = await consumerStage({}, { nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    await stage.write(["a"]);
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(1000);
    const fault = stage.broker.faults.failNext({ api: "OffsetForLeaderEpoch", error: "UNKNOWN_LEADER_EPOCH", ...FOREVER });
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    await stage.write(["b"]);
    await stage.clock.advance(20_000);
    expect(events).toEqual(["0 VALIDATION_PENDING lag 0"]);
    fault.cancel();
    await stage.clock.advance(5000);
    expect([events.slice(1), loop.values]).toEqual([["0 goes on"], ["a", "b"]]);
  });

  it("cannot be asked for, as its broker is not to be reached", async () => {
    const events = told();
    const stage = await consumerStage({}, ON_ONE_NODE);
    await stage.write(["a"]);
    const node = stage.broker.leaderOf(P0);
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(1000);
    const fault = stage.broker.faults.disconnect({ api: ["Fetch", "ApiVersions"], node, ...FOREVER });
    stage.broker.disconnectAll(node);
    await stage.clock.advance(25_000);
    expect(events).toEqual(["0 BROKER_UNREACHABLE lag 0"]);
    fault.cancel();
    await stage.clock.advance(10_000);
    expect([events.slice(1), loop.error()]).toEqual([["0 goes on"], undefined]);
  });

  it("is held back by its broker's quotas: then nothing is asked anew", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(1000);
    stage.broker.faults.throttle({ api: "Fetch", throttleMs: 5 * MINUTE });
    await stage.clock.advance(2000);
    const asked = stage.count("Metadata");
    await stage.write(["b"]);
    await stage.clock.advance(2 * MINUTE);
    expect([events, stage.count("Metadata") - asked]).toEqual([["0 THROTTLED lag 0"], 0]);
    await stage.clock.advance(4 * MINUTE);
    expect([events.slice(1), loop.values]).toEqual([["0 goes on"], ["a", "b"]]);
  });

  it("is asked for in a session that its broker has lost sight of: the session begins anew, and it goes on by itself", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(1000);
    // Incremental answers bring nothing any more.
    stage.broker.faults.on(
      "Fetch",
      async (request, asked) => {
        const answer = (await asked.next()) as FetchResponse;
        const isFull = Number(request["sessionEpoch"]) <= 0;
        return isFull ? answer : { ...answer, responses: answer.responses.map(withoutRecords) };
      },
      FOREVER,
    );
    stage.broker.faults.delay({ api: "Fetch", delayMs: 500, ...FOREVER });
    await stage.clock.advance(1000);
    await stage.write(["b"]);
    await stage.clock.advance(30_000);
    expect([events, loop.values]).toEqual([
      ["0 NO_RECORDS lag 1", "0 goes on"],
      ["a", "b"],
    ]);
  });

  it("is thrown back and forth: its leader says where to begin, and then does not know that offset", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, error: "OFFSET_OUT_OF_RANGE", ...FOREVER });
    stage.broker.faults.delay({ api: ["ListOffsets", "Fetch"], delayMs: 2600, ...FOREVER });
    stage.consumer.assign([P0]);
    const loop = looping(stage);
    await stage.clock.advance(30_000);
    expect([events.length, loop.error()]).toEqual([1, undefined]);
  });
});

describe("many partitions that make no progress", () => {
  it("are one warning for each reason, and a message each on the channel", async () => {
    const events = told();
    const stage = await consumerStage({}, { topics: { [TOPIC]: 200 } });
    stage.broker.faults.neverAnswer({ api: "Fetch", ...FOREVER });
    stage.consumer.assign(Array.from({ length: 200 }, (_, partition) => ({ topic: TOPIC, partition })));
    looping(stage);
    await stage.clock.advance(20_000);
    expect([events.length, stalled(stage)]).toEqual([200, 200]);
    expect(stage.warnings.filter((code) => code === "CONSUMER_STALLED")).toHaveLength(1);
  });
});

describe("no stall, for nothing is to be done", () => {
  it("at the end of a log, however long nothing is written", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    stage.consumer.assign([P0, P1]);
    looping(stage);
    await stage.clock.advance(10 * MINUTE);
    expect(events).toEqual([]);
  });

  it("of a partition that is paused, or that nobody reads", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a"]);
    await stage.write(["b"], { partition: 1 });
    stage.consumer.assign([P0, P1]);
    stage.consumer.pause(P0);
    await stage.when(stage.consumer.poll());
    await stage.clock.advance(10 * MINUTE);
    expect(events).toEqual([]);
    expect(stage.consumer.metrics()["consumer-metrics"]?.["last-poll-seconds-ago"]).toBeGreaterThanOrEqual(600);
  });

  it("while a handler is at work", async () => {
    const events = told();
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    let finish: (() => void) | undefined;
    const running = stage.consumer.run({
      eachRecord: () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    });
    await stage.clock.advance(10 * MINUTE);
    expect(events).toEqual([]);
    const closing = stage.consumer.close();
    finish?.();
    await stage.when(Promise.all([running, closing]));
  });

  it("before anybody reads, and after nothing is assigned any more", async () => {
    const events = told();
    const stage = await consumerStage();
    stage.broker.faults.neverAnswer({ api: "Fetch", ...FOREVER });
    stage.consumer.assign([P0]);
    await stage.clock.advance(MINUTE);
    const polling = stage.consumer.poll({ timeoutMs: 5 * MINUTE });
    await stage.clock.advance(5000);
    stage.consumer.unsubscribe();
    await stage.clock.advance(MINUTE);
    expect(events).toEqual([]);
    await stage.when(polling);
  });
});

function withoutRecords(topic: FetchResponse["responses"][0]): FetchResponse["responses"][0] {
  return { ...topic, partitions: topic.partitions.map((partition) => ({ ...partition, records: null })) };
}
