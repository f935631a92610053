import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { EmbeddedBroker } from "../../broker/index.ts";
import { Consumer, type ConsumerOptions, Producer } from "../../index.ts";
import { FAILED, OK, WRONG_USAGE } from "../command.ts";
import { groups } from "./groups.ts";

let broker: EmbeddedBroker;
let old: EmbeddedBroker;
let complaints = "";

beforeAll(async () => {
  const topics = { orders: 2, payments: 1 };
  [broker, old] = await Promise.all([
    EmbeddedBroker.start({ nodes: 2, topics }),
    EmbeddedBroker.start({ topics, asVersion: "2.4" }),
  ]);
  for (const { bootstrapServers } of [broker, old]) {
    await using producer = new Producer({ bootstrapServers });
    for (const value of ["a", "b", "c"]) await producer.send("orders", { value, partition: 0 });
  }
});

afterAll(async () => {
  await Promise.all([broker.close(), old.close()]);
});

beforeEach(() => {
  complaints = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    complaints += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function run(line: string, { bootstrapServers } = broker) {
  const parts: string[] = [];
  const output = { isTerminal: false, write: (part: string) => void parts.push(part) };
  const code = await groups.run([...line.split(" "), "-b", bootstrapServers], output);
  return { code, text: parts.join(""), complaints };
}

async function jsonOf(line: string, of = broker): Promise<unknown> {
  return JSON.parse((await run(`${line} --json`, of)).text) as unknown;
}

/** A member that has read two records, and committed that. */
async function memberOf(groupId: string, options: Partial<ConsumerOptions> = {}, { bootstrapServers } = broker): Promise<Consumer> {
  const consumer = new Consumer({
    bootstrapServers,
    groupId,
    clientId: `client of ${groupId}`,
    autoOffsetReset: "earliest",
    enableAutoCommit: false,
    ...options,
  });
  consumer.subscribe("orders");
  let count = 0;
  while (count < 2) count += (await consumer.poll({ timeoutMs: 100, maxRecords: 1 })).count;
  await consumer.commit([{ topic: "orders", partition: 0, offset: 2 }]);
  return consumer;
}

describe("kafkawire groups", () => {
  it.each([
    ["classic", "range"],
    ["consumer", "uniform"],
  ] as const)("describe: who is in a group (%s) and holds what, what it has committed, and its lag", async (type, assignor) => {
    const group = `described-${type}`;
    await using member = await memberOf(group, { groupProtocol: type, groupInstanceId: `${type}-1` });
    expect(await jsonOf(`describe ${group}`)).toMatchObject([
      {
        group,
        type,
        state: "Stable",
        assignor,
        members: [
          {
            memberId: member.memberId,
            instanceId: `${type}-1`,
            clientId: `client of ${group}`,
            partitions: [
              { topic: "orders", partition: 0 },
              { topic: "orders", partition: 1 },
            ],
          },
        ],
        partitions: [
          { topic: "orders", partition: 0, committed: 2, end: 3, lag: 1, memberId: member.memberId },
          { topic: "orders", partition: 1, end: 0, memberId: member.memberId },
        ],
      },
    ]);
    const { code, text } = await run(`describe ${group}`);
    expect(code).toBe(OK);
    expect(text).toMatch(
      new RegExp(`^${group} \\(${type}, Stable, ${assignor}, (epoch \\d+, )?1 member\\)\nTOPIC +PARTITION +COMMITTED`),
    );
    expect(text).toMatch(/\norders +0 +2 +3 +1 +client of /);
    expect(text).toMatch(/\norders +1 +0 +client of /);
  });

  it("list: the groups of all brokers, with type and state; one that nobody is in keeps what it has committed", async () => {
    for (let index = 0; index < 6; index++) await (await memberOf(`listed-${index}`)).close();
    const found = await jsonOf("list");
    const expected = Array.from({ length: 6 }, (_, index) => ({
      group: `listed-${index}`,
      type: "classic",
      state: "Empty",
      protocolType: "consumer",
    }));
    expect(found).toEqual(expect.arrayContaining(expected));
    expect((await run("list")).text).toMatch(/^GROUP +TYPE +STATE +PROTOCOL\n(.*\n)*listed-3 +classic +Empty +consumer\n/);
    expect(await jsonOf("describe listed-0")).toMatchObject([
      { state: "Empty", members: [], partitions: [{ topic: "orders", partition: 0, committed: 2, lag: 1 }] },
    ]);
  });

  it("brokers of other days tell less", async () => {
    expect((await run("list", old)).text).toBe("there are no groups\n");
    await using member = await memberOf("old", {}, old);
    expect(await jsonOf("list", old)).toEqual([{ group: "old", protocolType: "consumer" }]);
    expect(await jsonOf("describe old", old)).toMatchObject([
      { type: "classic", members: [{ memberId: member.memberId }], partitions: [{ committed: 2, end: 3, lag: 1 }, { end: 0 }] },
    ]);
    expect(await run("describe nobody", old)).toMatchObject({ code: FAILED, text: expect.stringContaining("GROUP_ID_NOT_FOUND") });
  });

  it("a group that is not there is a failure, and the others are described", async () => {
    await using _member = await memberOf("there");
    const { code, text } = await run("describe there nobody");
    expect([code, text]).toEqual([FAILED, expect.stringMatching(/^there \(classic.*\n(.*\n)*failed: .*nobody.*\n$/)]);
    expect(await jsonOf("describe nobody")).toMatchObject([{ name: "nobody", error: { code: "GROUP_ID_NOT_FOUND" } }]);
  });

  it("explains how it is used", async () => {
    expect(await run("list all")).toMatchObject({ code: WRONG_USAGE, complaints: expect.stringContaining("describe does") });
    expect(await run("describe")).toMatchObject({ code: WRONG_USAGE, complaints: expect.stringContaining("say which group") });
  });
});
