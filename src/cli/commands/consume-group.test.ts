import { describe, expect, it } from "vitest";
import { commandStage, numbered } from "../../../test/support/command-stage.ts";
import type { ProducerRecord } from "../../index.ts";
import { FAILED, OK } from "../command.ts";
import { consume } from "./consume.ts";

const stage = commandStage(consume);
const { run, send, start } = stage;
/** Of two partitions. */
const topicWith = (records: readonly ProducerRecord[]): Promise<string> => stage.topicWith(records, { partitions: 2 });

describe("kafkawire consume --group", () => {
  it.each(["classic", "consumer"])(
    "%s: begins where the group has committed, and commits what is printed, no more",
    async (protocol) => {
      const topic = await topicWith(numbered(10));
      const member = [topic, "--group", `readers of ${topic}`, "-X", `group.protocol=${protocol}`];
      const one = await run(...member, "-n", "4");
      expect([one.code, one.text]).toEqual([OK, "v0\nv1\nv2\nv3\n"]);
      expect(one.complaints).toContain("4 records");
      const two = await run(...member, "-n", "2", "--filter", "value~[79]");
      expect([two.code, two.text]).toEqual([OK, "v7\nv9\n"]);
      await send(topic, numbered(1, 10));
      expect(await run(...member, "-n", "1", "--quiet")).toMatchObject({ code: OK, text: "v10\n" });
    },
  );

  it("commits nothing if that is switched off, and begins at --from where nothing is committed", async () => {
    const topic = await topicWith(numbered(2));
    const member = [topic, "-g", `readers of ${topic}`, "-q", "-n", "1"];
    for (let again = 0; again < 2; again++) {
      expect(await run(...member, "-X", "enable.auto.commit=false")).toMatchObject({ code: OK, text: "v0\n" });
    }
    expect(await run(...member, "--from", "beginning", "-X", "auto.offset.reset=none")).toMatchObject({ code: OK, text: "v0\n" });
  });

  it("tells of a topic that is not there, and of a group that it may not join", async () => {
    expect(await run("nowhere", "--group", "g", "--timeout", "2")).toMatchObject({
      code: FAILED,
      complaints: expect.stringContaining("nowhere"),
    });
    const topic = await topicWith(numbered(2));
    stage.broker.faults.failNext({ api: "JoinGroup", error: "GROUP_AUTHORIZATION_FAILED", times: 1 });
    const { code, complaints: said } = await run(topic, "--group", "forbidden");
    expect([code, said]).toEqual([FAILED, expect.stringContaining("GROUP_AUTHORIZATION_FAILED")]);
  });

  it.each([
    ["classic", "LeaveGroup", {}],
    ["consumer", "ConsumerGroupHeartbeat", { memberEpoch: -1 }],
  ])("%s: leaves when nobody reads what it prints, and commits nothing more", async (protocol, api, leaving) => {
    const topic = await topicWith([]);
    const own = ["--group", topic, "-q", "-X", `group.protocol=${protocol}`, "-X", "auto.commit.interval.ms=3600000"];
    const one = start(topic, ...own);
    await send(topic, [{ value: "a" }]);
    await one.printed(1);
    one.child.stdout?.destroy();
    await send(topic, [{ value: "b" }]);
    expect(await one.exited).toEqual([OK, null]);
    expect(one.stderr).toBe("");
    const bodies = stage.broker.journal.requests(api).map(({ body }) => body);
    expect(bodies).toContainEqual(expect.objectContaining({ groupId: topic, ...leaving }));
    expect((await run(topic, ...own, "-n", "2")).text).toBe("a\nb\n");
  });

  it("goes on until Ctrl-C, which is a good end, and commits before it ends", async () => {
    const topic = await topicWith([]);
    const own = ["--group", topic, "-X", "group.protocol=consumer", "-q"];
    const one = start(topic, ...own);
    await send(topic, [{ value: "a", partition: 0 }]);
    await one.printed(1);
    one.child.kill("SIGINT");
    expect(await one.exited).toEqual([OK, null]);
    await send(topic, [{ value: "b", partition: 1 }]);
    expect((await run(topic, ...own, "-n", "1")).text).toBe("b\n");
    expect([one.stdout, one.stderr]).toEqual(["a\n", ""]);
  });
});
