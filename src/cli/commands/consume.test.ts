import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../test/support/command-run.ts";
import { commandStage, numbered } from "../../../test/support/command-stage.ts";
import { Producer } from "../../index.ts";
import { FAILED, OK, WRONG_USAGE } from "../command.ts";
import { consume } from "./consume.ts";

const stage = commandStage(consume);
const { run, send, start, topicWith } = stage;

const lines = (text: string): readonly string[] => text.split("\n").slice(0, -1);

describe("kafkawire consume", () => {
  it("prints what is there, of all partitions, and ends at the end with a summary", async () => {
    const topic = await topicWith([{ value: "a" }, { value: "zwö", partition: 1 }, { value: "" }], { partitions: 3 });
    const { code, text, complaints: said } = await run(topic);
    expect(lines(text).toSorted()).toEqual(["", "a", "zwö"]);
    expect(code).toBe(OK);
    expect(said).toMatch(new RegExp(`^${topic}: 3 records \\(5 B\\) read in [\\d.]+ s: [\\d,]+ records/s, [\\d.]+ k?B/s\\n$`));
  });

  it("ends at once when there is nothing, and when nothing of it is wanted", async () => {
    const topic = await topicWith([]);
    expect(await run(topic, "--quiet")).toEqual({ code: OK, text: "", complaints: "" });
    await send(topic, numbered(3));
    expect(await run(topic, "-q", "--from", "end")).toMatchObject({ code: OK, text: "" });
  });

  it.each([
    [
      ["--from", "7"],
      ["v7", "v8", "v9"],
    ],
    [["--from=-2"], ["v8", "v9"]],
    [
      ["--until", "2"],
      ["v0", "v1"],
    ],
    [
      ["--from", "3", "--until", "5"],
      ["v3", "v4"],
    ],
    [["--until=-8"], ["v0", "v1"]],
    [
      ["--count", "4"],
      ["v0", "v1", "v2", "v3"],
    ],
    [
      ["--filter", "value~[135]$", "--from", "2"],
      ["v3", "v5"],
    ],
    [["--filter", "value~[135]$", "-n", "1", "--from", "2"], ["v3"]],
    [
      ["--filter", "offset>6", "--filter", "offset!=8"],
      ["v7", "v9"],
    ],
  ])("%j of ten records", async (parameters, expected) => {
    const topic = await topicWith(numbered(10));
    const { code, text } = await run(topic, ...parameters);
    expect([code, lines(text)]).toEqual([OK, expected]);
  });

  it("begins and ends at times", async () => {
    const day = Date.UTC(2026, 4, 1);
    const topic = await topicWith([0, 1, 2, 3].map((hours) => ({ value: `h${hours}`, timestampMs: day + hours * 3_600_000 })));
    const { text } = await run(topic, "--from", "2026-05-01T01:00:00Z", "--until", `@${day + 3 * 3_600_000}`);
    expect(lines(text)).toEqual(["h1", "h2"]);
    expect(lines((await run(topic, "--from", "2026-05-02")).text)).toEqual([]);
  });

  it("reads only the partitions that are named", async () => {
    const topic = await topicWith(
      [0, 1, 2, 3].map((partition) => ({ value: `p${partition}`, partition })),
      { partitions: 4 },
    );
    const { text } = await run(topic, "-p", "0,3", "-p", "2");
    expect(lines(text).toSorted()).toEqual(["p0", "p2", "p3"]);
  });

  it("ends behind the markers of transactions, and shows what is aborted only to those who do not mind", async () => {
    const topic = await topicWith([]);
    {
      await using producer = new Producer({ bootstrapServers: stage.broker.bootstrapServers, transactionalId: topic });
      await producer.initTransactions();
      await producer.transaction(async (tx) => void (await tx.send(topic, { value: "committed", partition: 0 })));
      producer.beginTransaction();
      await producer.send(topic, { value: "aborted", partition: 0 });
      await producer.abortTransaction();
    }
    expect(await run(topic)).toMatchObject({ code: OK, text: "committed\naborted\n" });
    expect(await run(topic, "-X", "isolation.level=read_committed")).toMatchObject({ code: OK, text: "committed\n" });
  });

  it("goes through any codec, and tens of thousands of records, in order", async () => {
    const topic = stage.newTopic();
    const expected = Array.from({ length: 20_000 }, (_, index) => `record ${index}`);
    await using producer = new Producer({ bootstrapServers: stage.broker.bootstrapServers, compression: "lz4" });
    await producer.sendBatch(
      topic,
      expected.map((value) => ({ value })),
    );
    const { code, text } = await run(topic);
    expect([code, lines(text)]).toEqual([OK, expected]);
  });

  it("prints keys, headers and tombstones as produce reads them, and all of it as JSON", async () => {
    const headers = [["a", "1"] as const, ["a", null] as const];
    const topic = await topicWith([
      { key: "k", value: "v", headers, timestampMs: 5 },
      { key: null, value: null, timestampMs: 6 },
    ]);
    expect((await run(topic, "-K", "\\t", "--headers", "--null", "NULL")).text).toBe("a:1,a:NULL\tk\tv\n\tNULL\tNULL\n");
    const { text, complaints: said } = await run(topic, "--json");
    const place = { topic, partition: 0, timestampType: "CreateTime", leaderEpoch: 0 };
    expect(lines(text).map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...place, offset: 0, timestamp: 5, key: "k", value: "v", headers },
      { ...place, offset: 1, timestamp: 6, key: null, value: null, headers: [] },
    ]);
    const [summary = ""] = lines(said).slice(-1);
    expect(JSON.parse(summary)).toMatchObject({ topic, records: 2, printed: 2, end: "complete" });
  });

  it("prints tables and hex", async () => {
    const topic = await topicWith([{ key: "k", value: "hello" }]);
    expect((await run(topic, "--format", "table")).text).toMatch(
      /^PARTITION +OFFSET +TIMESTAMP +KEY +VALUE\n +0 +0 +\S+ +k +hello\n$/,
    );
    expect((await run(topic, "--format", "hex")).text).toContain("    000000  68 65 6c 6c 6f ");
    expect((await run(topic, "--format", "table", "--filter", "key=x")).text).toBe("");
  });

  it("tells of a topic that is not there", async () => {
    const { code, text, complaints: said } = await run("nowhere", "--timeout", "2");
    expect([code, text]).toEqual([FAILED, ""]);
    expect(said).toMatch(/^kafkawire consume: .*nowhere.*\n$/);
    expect(stage.broker.topics.map(({ name }) => name)).not.toContain("nowhere");
  });

  it("tells of a cluster that is not there", async () => {
    const outcome = await outcomeOf(consume, ["orders", "-b", "127.0.0.1:1", "--timeout", "1"]);
    expect(outcome).toEqual({ code: FAILED, text: "", complaints: expect.stringContaining("127.0.0.1:1") });
  });

  it("gives up on records that must be there and do not come, and says what it has", async () => {
    const topic = await topicWith(numbered(3));
    stage.broker.faults.failNext({ api: "Fetch", topic, error: "KAFKA_STORAGE_ERROR", times: 100_000 });
    const { code, complaints: said } = await run(topic, "--timeout", "1");
    expect(code).toBe(FAILED);
    expect(said).toContain(`: 0 records (0 B) read in`);
    expect(said).toContain("stopped by an error: the rest was not read\n");
    expect(said).toContain(`reading topic '${topic}' partition 0 from offset 0 to 3: no answer within 1000 ms`);
  });

  it("joins no group and commits nothing, also when the properties name one", async () => {
    const topic = await topicWith(numbered(1));
    const properties = stage.pathOf("client.properties");
    writeFileSync(properties, "group.id=readers\nenable.auto.commit=true\nauto.offset.reset=latest\n");
    const before = stage.broker.journal.requests("OffsetCommit").length;
    const { code, text, complaints: said } = await run(topic, "--properties", properties);
    expect([code, text]).toEqual([OK, "v0\n"]);
    expect(said).toContain("group.id has no effect here: no group is joined, and nothing committed");
    expect(stage.broker.journal.requests("OffsetCommit").length).toBe(before);
  });

  it.each([
    [[], "say which topic"],
    [["one", "two"], "one topic at a time, not also 'two'"],
    [["orders", "--format", "xml"], "--format takes text, json, hex or table, not 'xml'"],
    [["orders", "--json", "--format", "hex"], "--json is --format json, not hex"],
    [["orders", "--json", "-K", ":"], "--key-separator belongs to --format text, not to json"],
    [["orders", "--format", "hex", "--headers"], "--headers belongs to --format text and table, not to hex"],
    [["orders", "--from", "soon"], "--from takes beginning, end, an offset"],
    [["orders", "--until", "beginning"], "there is nothing before it"],
    [["orders", "--follow", "--until", "end"], "leave out one of them"],
    [["orders", "--count", "0"], "--count takes a number from 1 on, not '0'"],
    [["orders", "-p", "1,x"], "--partition takes numbers from 0 on, not 'x'"],
    [["orders", "--filter", "colour=red"], "--filter knows the fields"],
    [["orders", "--timeout", "soon"], "--timeout takes seconds"],
    [["orders", "--group", "g", "--until", "end"], "--until does not go with --group"],
    [["orders", "--group", "g", "-p", "1"], "--partition does not go with --group"],
    [["orders", "--group", "g", "--follow"], "--follow does not go with --group"],
    [["orders", "--group", "g", "--from", "7"], "with --group, --from takes beginning or end"],
    [["orders", "--group", ""], "--group takes the name of a group"],
    [["orders", "--frobnicate"], "Unknown option '--frobnicate'"],
  ])("explains how it is used after: consume %j", async (parameters, problem) => {
    const outcome = await run(...parameters);
    expect([outcome.code, outcome.text]).toEqual([WRONG_USAGE, ""]);
    expect(outcome.complaints).toContain(problem);
    expect(outcome.complaints).toContain("Usage: kafkawire consume TOPIC [options]");
    expect(outcome.complaints).toContain("kafkawire consume --help tells more");
  });

  it("refuses a partition that the topic has not, and options that no consumer has", async () => {
    const topic = await topicWith([]);
    expect(await run(topic, "-p", "1")).toMatchObject({
      code: WRONG_USAGE,
      complaints: expect.stringContaining("has 1 partition"),
    });
    const outcome = await run(topic, "-X", "no.such=1");
    expect([outcome.code, outcome.complaints]).toEqual([WRONG_USAGE, expect.stringContaining("no property 'no.such'")]);
  });

  it("has all of its options in the help", () => {
    const flags = new Set([...consume.help.matchAll(/(?<=\s)--[a-z-]+/g)].map(([flag]) => flag));
    const own = "--from --until --follow --count --partition --group --filter --format --quiet --key-separator --headers --null";
    const common = "--bootstrap-servers --bootstrap-server --tls --tls-ca --properties --timeout --verbose --json";
    expect(flags).toEqual(new Set(`${own} ${common}`.split(" ")));
  });
});

describe("kafkawire consume as a process", () => {
  it("--follow goes on with what comes, until Ctrl-C, which is a good end", async () => {
    const topic = await topicWith(numbered(2));
    const started = start(topic, "--follow", "--from", "beginning");
    await started.printed(2);
    await send(topic, numbered(2, 2));
    await started.printed(4);
    started.child.kill("SIGINT");
    expect(await started.exited).toEqual([OK, null]);
    expect(lines(started.stdout)).toEqual(["v0", "v1", "v2", "v3"]);
    expect(started.stderr).toMatch(/: 4 records \(8 B\) read in/);
  });

  it("--follow with an end goes on until it is there", async () => {
    const topic = await topicWith(numbered(2));
    const started = start(topic, "--follow", "--from", "1", "--until", "4", "-q");
    await started.printed(1);
    await send(topic, numbered(5, 2));
    expect(await started.exited).toEqual([OK, null]);
    expect([lines(started.stdout), started.stderr]).toEqual([["v1", "v2", "v3"], ""]);
  });

  it("gives bytes as they are, into a pipe that is slower", async () => {
    const topic = await topicWith([{ value: Uint8Array.of(0xff, 0x00, 0x0a, 0x1b) }, { value: Buffer.alloc(900_000, 0xfe) }]);
    const started = start(topic, "-q");
    const chunks: Buffer[] = [];
    started.child.stdout?.removeAllListeners("data").setEncoding("latin1" as never);
    started.child.stdout?.on("data", (text: string) => chunks.push(Buffer.from(text, "latin1")));
    expect(await started.exited).toEqual([OK, null]);
    const expected = Buffer.concat([Uint8Array.of(0xff, 0x00, 0x0a, 0x1b, 0x0a), Buffer.alloc(900_000, 0xfe), Uint8Array.of(0x0a)]);
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });

  it("ends when nobody reads any more", async () => {
    const topic = await topicWith(numbered(10));
    const started = start(topic, "--follow", "--from", "beginning");
    await started.printed(10);
    started.child.stdout?.destroy();
    await send(topic, numbered(1));
    expect(await started.exited).toEqual([OK, null]);
  });
});
