import { afterEach, describe, expect, it } from "vitest";
import { type GroupReader, groupReaders } from "../../../../test/support/group-readers.ts";
import { onDiagnostics } from "../../telemetry/diagnostics.ts";
import type { Rebalance } from "../../telemetry/telemetry.ts";

const numbers = (partitions: Rebalance["lost"]): readonly number[] =>
  partitions.map(({ partition }) => partition).sort((one, other) => one - other);

/** `why: outcome generation -revoked !lost +assigned` of each. */
function told({ consumer }: GroupReader): readonly string[] {
  return consumer.rebalances().map(({ cause, outcome, generationId, revoked, lost, assigned }) => {
    const moved = `-${numbers(revoked).join(",")} !${numbers(lost).join(",")} +${numbers(assigned).join(",")}`;
    return `${cause}: ${outcome} ${generationId} ${moved}`;
  });
}

const SUBSCRIBED = "the consumer has subscribed";
const CALLED = "the group comes together: others have come or gone, or want something else";
const metricsOf = ({ consumer }: GroupReader): Readonly<Record<string, number>> =>
  consumer.metrics()["consumer-coordinator-metrics"] ?? {};

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe("the history of rebalances", () => {
  it("says why each began, in what it ended, and what it moved: eager", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    group.reader("two");
    await group.untilShared(2, 2);
    one.consumer.subscribe(["orders", "others"]);
    await group.until(() => one.consumer.rebalances().length === 3 && one.consumer.rebalances()[2]?.outcome === "assigned");
    expect(told(one)).toEqual([
      `${SUBSCRIBED}: assigned 1 - ! +0,1,2,3`,
      `${CALLED}: assigned 2 -0,1,2,3 ! +0,1`,
      expect.stringMatching(/^it has subscribed to other topics: assigned 3 -0,1 ! \+\d/),
    ]);
    expect(one.consumer.rebalances().map(({ protocol }) => protocol)).toEqual(["classic", "classic", "classic"]);
    await group.stop();
  });

  it("says who else had to come twice: cooperative", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { partitionAssignmentStrategy: "cooperative-sticky" });
    await group.untilShared(4);
    group.reader("two", { partitionAssignmentStrategy: "cooperative-sticky" });
    await group.untilShared(2, 2);
    await group.settle();
    expect(told(one)).toEqual([
      `${SUBSCRIBED}: assigned 1 - ! +0,1,2,3`,
      expect.stringMatching(/^the group comes together: .*: assigned 2 -\d,\d ! \+$/),
      "it has let go of partitions, which others wait for: assigned 3 - ! +",
    ]);
    await group.stop();
  });

  it("where the coordinator assigns: with the epoch, and only when something moves", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { groupProtocol: "auto" });
    await group.untilShared(4);
    await group.settle(60_000);
    group.reader("two", { groupProtocol: "auto" });
    await group.untilShared(2, 2);
    await group.settle(60_000);
    expect(told(one)).toEqual([
      expect.stringMatching(`^${SUBSCRIBED}: assigned \\d+ - ! \\+0,1,2,3$`),
      expect.stringMatching(/^the coordinator assigns other partitions: assigned \d+ -\d,\d ! \+$/),
    ]);
    expect(one.consumer.rebalances().map(({ protocol }) => protocol)).toEqual(["consumer", "consumer"]);
    expect(metricsOf(one)).toMatchObject({ "join-total": 0, "failed-rebalance-total": 0 });
    await group.stop();
  });

  it("'auto' where brokers cannot: one join, by the protocol that it came to", async () => {
    const group = await groupReaders({ asVersion: "3.6" });
    const one = group.reader("one", { groupProtocol: "auto" });
    await group.untilShared(4);
    expect(told(one)).toEqual([`${SUBSCRIBED}: assigned 1 - ! +0,1,2,3`]);
    expect(one.consumer.rebalances()[0]).toMatchObject({ protocol: "classic", problem: undefined });
    await group.stop();
  });

  it.each(["classic", "consumer"] as const)("G12: %s: says what was lost, and to what", async (groupProtocol) => {
    const group = await groupReaders();
    const one = group.reader("one", { groupProtocol });
    await group.untilShared(4);
    one.block(50_000);
    await group.until(() => one.consumer.rebalances().length === 2 && one.partitions.length === 4);
    await group.settle();
    const last = one.consumer.rebalances()[1];
    expect(last).toMatchObject({ outcome: "assigned", cause: expect.stringContaining("the event loop stood still") });
    expect([last?.problem, numbers(last?.lost ?? []), numbers(last?.assigned ?? [])]).toEqual([
      last?.cause,
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    expect(metricsOf(one)).toMatchObject({ "rebalance-total": 2, "failed-rebalance-total": 1 });
    await group.stop();
  });

  it("G11: who does not read sees that it waited for him, when he reads again", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { maxPollIntervalMs: 60_000 });
    await group.untilShared(4);
    await group.stage.when(one.stop());
    await group.settle(100_000);
    expect(told(one)[1]).toMatch(/: under way -1 - !0,1,2,3 \+$/);
    one.start();
    await group.untilShared(4);
    await group.settle();
    const [, last] = one.consumer.rebalances();
    expect(last).toMatchObject({ outcome: "assigned", cause: expect.stringContaining("(maxPollIntervalMs 60000)") });
    expect(last?.readerMs).toBeGreaterThan(30_000);
    await group.stop();
  });

  it("G6: who has lost its static name to another one has failed", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { groupInstanceId: "fixed" });
    await group.untilShared(4);
    group.reader("two", { groupInstanceId: "fixed" });
    await group.until(() => one.consumer.rebalances().length === 2);
    await group.settle();
    expect(one.consumer.rebalances()[1]).toMatchObject({ outcome: "failed", lost: [{}, {}, {}, {}] });
    await group.stop();
  });

  it("divides the time: callbacks, what is in hand, the reader who does not come, and the group", async () => {
    const group = await groupReaders();
    const one: GroupReader = group.member("one", {
      inCallback: (what) => (what === "revoked" && one.told.length === 2 ? group.pause(4_000) : undefined),
    });
    one.start();
    await group.untilShared(4);
    await group.stage.when(one.stop());
    group.reader("two");
    await group.until(() => one.consumer.rebalances().length === 2);
    await group.settle(7_000);
    one.start();
    await group.untilShared(2, 2);
    const last = one.consumer.rebalances()[1];
    expect(last?.readerMs).toBeGreaterThanOrEqual(7_000);
    expect(last?.readerMs).toBeLessThan(8_000);
    expect(last?.callbacksMs).toBe(4_000);
    const { durationMs = 0, readerMs = 0, processingMs = 0, callbacksMs = 0, groupMs = 0 } = last ?? {};
    expect(readerMs + processingMs + callbacksMs + groupMs).toBe(durationMs);
    expect(metricsOf(one)).toMatchObject({ "rebalance-latency-max": durationMs, "rebalance-total": 2, "sync-total": 2 });
    expect(metricsOf(one)["heartbeat-total"]).toBeGreaterThan(2);
    await group.stop();
  });

  it("divides the time: functions of run that finish what they have in hand", async () => {
    const group = await groupReaders();
    await group.write(1);
    const one = group.member("one");
    const stop = new AbortController();
    const running = one.consumer.run({ eachRecord: () => group.pause(20_000), concurrency: 8, signal: stop.signal });
    await group.until(() => one.partitions.length === 4);
    group.reader("two");
    await group.until(() =>
      one.consumer.rebalances().some(({ outcome, generationId }) => outcome === "assigned" && generationId === 2),
    );
    expect(one.consumer.rebalances()[1]?.processingMs).toBeGreaterThan(5_000);
    stop.abort();
    await group.stage.when(running);
    await group.stop();
  });

  it("is what the channels tell, when it begins and when it is over", async () => {
    const seen: string[] = [];
    ends.push(
      onDiagnostics("kafkawire:consumer:rebalancing", ({ client, group, cause }) => {
        if (client.clientId === "one") seen.push(`${group} begins: ${cause}`);
      }),
      onDiagnostics("kafkawire:consumer:rebalanced", ({ client, outcome, assigned }) => {
        if (client.clientId === "one") seen.push(`${outcome} ${assigned.length}`);
      }),
    );
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    await group.stage.when(one.stop());
    group.reader("two");
    await group.until(() => one.consumer.rebalances().length === 2);
    await group.stage.when(one.consumer.close());
    const { group: name } = one.consumer.rebalances()[0] ?? {};
    expect(seen).toEqual([`${name} begins: ${SUBSCRIBED}`, "assigned 4", `${name} begins: ${CALLED}`, "left 0"]);
    await group.stop();
  });

  it("is bounded: the last twenty", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    for (let again = 0; again < 25; again++) {
      one.consumer.subscribe(again % 2 === 0 ? "others" : "orders");
      await group.until(() => one.partitions.length === (again % 2 === 0 ? 2 : 4));
      await group.settle(5_000);
    }
    expect(one.consumer.rebalances()).toHaveLength(20);
    expect(one.consumer.rebalances().at(-1)?.generationId).toBe(26);
    await group.stop();
  });
});
