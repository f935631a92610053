import { beforeAll, describe, expect, it } from "vitest";
import type { CommandOutcome } from "../../../test/support/command-run.ts";
import { commandStage } from "../../../test/support/command-stage.ts";
import { Admin, Consumer, Producer } from "../../index.ts";
import { FAILED, OK, WRONG_USAGE } from "../command.ts";
import { groups } from "./groups.ts";

const DAY = Date.UTC(2026, 4, 1);
const HOUR_MS = 3_600_000;
const COMMITTED = [5, 1, 0];

const stage = commandStage(groups, { topics: { orders: 3, other: 1 } });
const { fileOf } = stage;
let count = 0;

/** `orders` has 10 records in partition 0, an hour apart, whose first two are deleted; 2 in partition 1, and none in partition 2. */
beforeAll(async () => {
  const { bootstrapServers } = stage.broker;
  await using producer = new Producer({ bootstrapServers });
  for (let hour = 0; hour < 10; hour++) {
    await producer.send("orders", { value: `v${hour}`, partition: 0, timestampMs: DAY + hour * HOUR_MS });
  }
  for (let index = 0; index < 2; index++) await producer.send("orders", { value: `w${index}`, partition: 1, timestampMs: DAY });
  await using admin = new Admin({ bootstrapServers });
  await admin.deleteRecords([{ topic: "orders", partition: 0, offset: 2 }]);
});

const run = (...parameters: readonly string[]): Promise<CommandOutcome> => stage.run("reset", ...parameters);

function consumerOf(groupId: string): Consumer {
  return new Consumer({ bootstrapServers: stage.broker.bootstrapServers, groupId, enableAutoCommit: false });
}

/** A group that nobody is in, and that has committed 5, 1 and 0. */
async function groupWithOffsets(): Promise<string> {
  const group = `group-${++count}`;
  await using consumer = consumerOf(group);
  await consumer.commit(COMMITTED.map((offset, partition) => ({ topic: "orders", partition, offset })));
  return group;
}

async function committedBy(group: string): Promise<readonly (number | undefined)[]> {
  await using consumer = consumerOf(group);
  const places = [0, 1, 2].map((partition) => ({ topic: "orders", partition }));
  return (await consumer.committed(places)).map((one) => one?.offset);
}

describe("kafkawire groups reset", () => {
  it.each([
    [
      ["--to", "beginning"],
      [2, 0, 0],
    ],
    [
      ["--to", "earliest"],
      [2, 0, 0],
    ],
    [
      ["--to", "end"],
      [10, 2, 0],
    ],
    [
      ["--to", "latest"],
      [10, 2, 0],
    ],
    [
      ["--to", "7"],
      [7, 2, 0],
    ],
    [["--to=-3"], [7, 0, 0]],
    [
      ["--to", "2026-05-01T04:00:00Z"],
      [4, 2, 0],
    ],
    [
      ["--to", `@${DAY + 9 * HOUR_MS}`],
      [9, 2, 0],
    ],
    [
      ["--to", "1s"],
      [10, 2, 0],
    ],
    [
      ["--shift-by", "3"],
      [8, 2, 0],
    ],
    [["--shift-by=-2"], [3, 0, 0]],
    [
      ["--to", "beginning", "--topic", "orders:0,2"],
      [2, 1, 0],
    ],
    [
      ["--to", "end", "--topic", "orders:1", "--topic", "orders:0"],
      [10, 2, 0],
    ],
  ])("%j sets the offsets of a group that nobody is in", async (parameters, expected) => {
    const group = await groupWithOffsets();
    const { code, text } = await run(group, ...parameters, "--execute");
    expect([code, await committedBy(group)]).toEqual([OK, expected]);
    expect(text).toMatch(/^TOPIC +PARTITION +COMMITTED +NEW +CHANGE +LAG/);
    expect(text).toMatch(/\d partitions? of group 'group-\d+' set\n$/);
  });

  it("changes nothing unless it is told to, and tells what it would do", async () => {
    const group = await groupWithOffsets();
    const { code, text } = await run(group, "--to", "7");
    expect([code, await committedBy(group)]).toEqual([OK, COMMITTED]);
    expect(text).toMatch(/\norders +0 +5 +7 +\+2 +3\n/);
    expect(text).toMatch(/\norders +1 +1 +2 +\+1 +0 +not 7, which the log has not\n/);
    expect(text).toMatch(/nothing was changed: --execute does it\n$/);
    const { text: json } = await run(group, "--to", "7", "--dry-run", "--json");
    expect(JSON.parse(json)).toMatchObject({
      group,
      executed: false,
      partitions: [
        { topic: "orders", partition: 0, committed: 5, offset: 7, end: 10, lag: 3 },
        { offset: 2, wanted: 7 },
        { offset: 0 },
      ],
    });
  });

  it("takes a file of what --export has printed", async () => {
    const group = await groupWithOffsets();
    const { text } = await run(group, "--shift-by", "0", "--export");
    expect(text).toBe("orders,0,5\norders,1,1\norders,2,0\n");
    await run(group, "--to", "end", "--execute");
    expect(await run(group, "--from-file", fileOf(text), "--execute")).toMatchObject({ code: OK });
    expect(await committedBy(group)).toEqual(COMMITTED);
    await run(group, "--from-file", fileOf('"orders",1,0\r\n\r\n'), "--execute");
    expect(await committedBy(group)).toEqual([5, 0, 0]);
  });

  it("makes a group that is not there, if it is told of which topics", async () => {
    const group = `new-${++count}`;
    expect(await run(group, "--to", "end")).toMatchObject({
      code: WRONG_USAGE,
      complaints: expect.stringContaining("say which --topic"),
    });
    expect(await run(group, "--to", "end", "--topic", "orders", "--execute")).toMatchObject({ code: OK });
    expect(await committedBy(group)).toEqual([10, 2, 0]);
  });

  it.each(["classic", "consumer"] as const)("refuses while somebody is in the group (%s), and says who", async (groupProtocol) => {
    const group = await groupWithOffsets();
    const { bootstrapServers } = stage.broker;
    await using member = new Consumer({ bootstrapServers, groupId: group, groupProtocol, clientId: "a-reader" });
    member.subscribe("orders");
    while (member.assignment().length === 0) await member.poll({ timeoutMs: 50 });
    const outcome = await run(group, "--to", "beginning", "--execute");
    expect([outcome.code, outcome.text]).toEqual([
      FAILED,
      expect.stringMatching(/^failed: group '.*' is not empty: it is \w+, with 1 member: a-reader at .*nothing was changed\n$/),
    ]);
    await member.close({ autocommit: false });
    expect(await committedBy(group)).toEqual(COMMITTED);
    expect(JSON.parse((await run(group, "--to", "end", "--json")).text)).toMatchObject({ executed: false });
  });

  it("refuses when somebody joins between the look and the commit", async () => {
    const group = await groupWithOffsets();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "UNKNOWN_MEMBER_ID" });
    const { code, text } = await run(group, "--to", "end", "--execute");
    expect([code, text]).toEqual([FAILED, expect.stringContaining("somebody has joined it meanwhile")]);
  });

  it("changes nothing at all when one of the partitions cannot be shifted", async () => {
    const group = `partly-${++count}`;
    await run(group, "--to", "end", "--topic", "orders:0", "--execute");
    const { code, text } = await run(group, "--shift-by=-1", "--topic", "orders", "--execute");
    expect([code, text]).toEqual([
      FAILED,
      expect.stringMatching(/^failed: orders-1: .*\nfailed: orders-2: .*\nnothing was changed\n$/),
    ]);
    expect(await committedBy(group)).toEqual([10, undefined, undefined]);
  });

  it("tells of topics and partitions that are not there", async () => {
    const group = await groupWithOffsets();
    const wrong = [group, "--to", "end", "--timeout", "2", "--topic"];
    expect(await run(...wrong, "nowhere")).toMatchObject({ code: FAILED, complaints: expect.stringContaining("nowhere") });
    expect(await run(...wrong, "orders:3")).toMatchObject({
      code: WRONG_USAGE,
      complaints: expect.stringContaining("has 3 partitions"),
    });
    const file = fileOf("orders,9,1\n");
    expect(await run(group, "--from-file", file)).toMatchObject({
      code: WRONG_USAGE,
      complaints: expect.stringContaining("partition 9"),
    });
  });

  it.each([
    [[], "say which group"],
    [["g"], "say where to: one of --to, --shift-by and --from-file"],
    [["g", "h", "--to", "end"], "one group at a time, not also 'h'"],
    [["g", "--to", "end", "--shift-by", "1"], "say where to: one of"],
    [["g", "--to", "soon"], "--to takes beginning, end, an offset"],
    [["g", "--shift-by", "far"], "--shift-by takes a number of offsets"],
    [["g", "--to", "end", "--topic", "orders:x"], "--topic takes NAME or NAME:PARTITION,…"],
    [["g", "--to", "end", "--execute", "--dry-run"], "leave out one of them"],
    [["g", "--from-file", "/no/such/file"], "--from-file: ENOENT"],
    [["g", "--from-file", "/dev/null"], "has no lines of topic,partition,offset"],
    [["g", "--from-file", "/dev/null", "--topic", "orders"], "has no lines"],
  ])("explains how it is used after: groups reset %j", async (parameters, problem) => {
    const outcome = await run(...parameters);
    expect([outcome.code, outcome.text]).toEqual([WRONG_USAGE, ""]);
    expect(outcome.complaints).toContain(problem);
  });

  it.each([
    ["orders,0\n", "line 1: topic,partition,offset, not 'orders,0'"],
    ["orders,0,1\norders,0,2\n", "line 2: 'orders,0,2' says where to a second time"],
  ])("says what is wrong with a file: %j", async (text, problem) => {
    const { code, complaints } = await run("g", "--from-file", fileOf(text));
    expect([code, complaints]).toEqual([WRONG_USAGE, expect.stringContaining(problem)]);
  });
});
