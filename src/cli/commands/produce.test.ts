import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandStage } from "../../../test/support/command-stage.ts";
import { FAILED, OK, WRONG_USAGE } from "../command.ts";
import { produce } from "./produce.ts";

const stage = commandStage(produce);
const { fileOf, newTopic, run, start } = stage;

const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());

/** What is in the log of a partition, for people. */
function logOf(topic: string, partition = 0): readonly unknown[] {
  return stage.broker.records(topic, partition).map(({ key, value, headers }) => {
    const pairs = headers.map(([name, bytes]) => [name, textOf(bytes)]);
    return [textOf(key), textOf(value), ...(pairs.length === 0 ? [] : [pairs])];
  });
}

/** Resolves when the log of a topic's first partition has so many records. */
async function records(topic: string, count: number): Promise<void> {
  await stage.broker.journal.waitFor(({ kind, api }) => kind === "response" && api === "Produce" && logOf(topic).length >= count);
}

describe("kafkawire produce", () => {
  it("sends the lines of a file, and sums up", async () => {
    const topic = newTopic();
    const { code, text, complaints: said } = await run(topic, "--file", fileOf("one\nzwö\r\n\nlast"));
    expect(logOf(topic)).toEqual(["one", "zwö", "", "last"].map((value) => [null, value]));
    expect([code, said]).toEqual([OK, ""]);
    expect(text).toMatch(new RegExp(`^${topic}: 4 records \\(11 B\\) written in [\\d.]+ s: [\\d,]+ records/s, [\\d.]+ k?B/s\\n$`));
  });

  it("sends keys, headers and tombstones, as bytes", async () => {
    const topic = newTopic();
    const bytes = Buffer.concat([Buffer.from("h:1,h:\tk1:"), Uint8Array.of(0xff, 0x00), Buffer.from("\n\tk2:NULL\n")]);
    expect(await run(topic, "--file", fileOf(bytes), "-K", ":", "--headers", "--null", "NULL")).toMatchObject({ code: OK });
    expect(stage.broker.records(topic, 0).map(({ value }) => value && [...value])).toEqual([[0xff, 0x00], null]);
    expect(logOf(topic)[0]).toEqual([
      "k1",
      expect.anything(),
      [
        ["h", "1"],
        ["h", ""],
      ],
    ]);
  });

  it("sends JSON to the partition and with the time that it says, and --json sums up for programs", async () => {
    const topic = newTopic(3);
    const lines = [
      { key: "k", value: { id: 1 }, headers: { a: "b" }, partition: 2, timestampMs: 1_700_000_000_000 },
      { value: "goes where --partition says" },
    ].map((line) => JSON.stringify(line));
    const { code, text } = await run(topic, "--file", fileOf(lines.join("\n")), "--format", "json", "--partition", "1", "--json");
    expect(code).toBe(OK);
    expect([0, 1, 2].map((partition) => logOf(topic, partition))).toEqual([
      [],
      [[null, "goes where --partition says"]],
      [["k", '{"id":1}', [["a", "b"]]]],
    ]);
    expect(stage.broker.records(topic, 2)[0]?.timestamp).toBe(1_700_000_000_000);
    expect(JSON.parse(text)).toMatchObject({ topic, records: 2, failed: 0, wrongLines: 0, failures: [], end: "end of input" });
  });

  it("sends the rows of CSV", async () => {
    const topic = newTopic();
    const file = fileOf('id,text\n1,"a, b"\n2,c\n');
    expect(await run(topic, "--file", file, "--format", "csv", "--key-column", "id")).toMatchObject({ code: OK });
    expect(logOf(topic)).toEqual([
      ["1", '{"id":"1","text":"a, b"}'],
      ["2", '{"id":"2","text":"c"}'],
    ]);
  });

  it("compresses, and asks only the leader to confirm, when it is told so", async () => {
    const topic = newTopic();
    const file = fileOf("the same again\n".repeat(1000));
    const before = stage.broker.journal.requests("Produce").length;
    expect(await run(topic, "--file", file, "-z", "gzip", "--acks", "1", "-X", "linger.ms=5")).toMatchObject({ code: OK });
    expect(stage.broker.records(topic, 0)).toHaveLength(1000);
    const sent = stage.broker.journal.requests("Produce").slice(before);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.map(({ body }) => Reflect.get(body ?? {}, "acks"))).toEqual(sent.map(() => 1));
    expect(sent.reduce((sum, { sizeInBytes }) => sum + (sizeInBytes ?? 0), 0)).toBeLessThan(5000);
  });

  it("keeps order and loses nothing when there is far more than the buffer holds", async () => {
    const topic = newTopic();
    const count = 20_000;
    const values = Array.from({ length: count }, (_, index) => `record ${index}`);
    const outcome = await run(
      topic,
      "--file",
      fileOf(values.join("\n")),
      "-X",
      "buffer.memory=70000",
      "-X",
      "max.request.size=20000",
    );
    expect(outcome).toMatchObject({ code: OK, complaints: "" });
    expect(stage.broker.records(topic, 0).map(({ value }) => textOf(value))).toEqual(values);
  });

  it("counts wrong lines and explains the first, sends all others, and exits with 1", async () => {
    const topic = newTopic();
    const { code, text, complaints: said } = await run(topic, "--file", fileOf("a:1\nnonsense\nb:2\nmore\n"), "-K", ":");
    expect(logOf(topic)).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(code).toBe(FAILED);
    expect(said).toBe("kafkawire produce: line 2: has no key separator ':'\n");
    expect(text).toContain("not sent: 2 wrong lines\n  2 × WRONG_LINE, first in line 2: has no key separator ':'\n");
  });

  it("counts records that fail and explains the first of each kind, and goes on", async () => {
    const topic = newTopic(2);
    const lines = [{ value: "x".repeat(2000) }, { value: "fine" }, { value: "y".repeat(2000) }, { value: "nowhere", partition: 7 }];
    const file = fileOf(lines.map((line) => JSON.stringify(line)).join("\n"));
    const limits = ["-X", "max.request.size=1000", "--timeout", "2"];
    const { code, text, complaints: said } = await run(topic, "--file", file, "--format", "json", ...limits);
    expect(code).toBe(FAILED);
    expect(text).toMatch(/: 1 record \(4 B\) written/);
    expect(text).toContain("failed: 3 records\n  2 × MESSAGE_TOO_LARGE, first in line 1: ");
    expect(text).toMatch(/\n {2}1 × \w+, first in line 4: .*partition 7/);
    expect(said).toMatch(/line 1: .*\n/);
  });

  it("--stop-on-error ends at the first that fails", async () => {
    const topic = newTopic();
    const file = fileOf("a:1\nnonsense\nb:2\n");
    const { code, text } = await run(topic, "--file", file, "-K", ":", "--stop-on-error");
    expect([code, logOf(topic)]).toEqual([FAILED, [["a", "1"]]]);
    expect(text).toContain("stopped by an error: the rest of the input was not read\n");
  });

  it("sums up what was sent before an input that cannot be read on, and says why", async () => {
    const topic = newTopic();
    const directory = stage.pathOf("a-directory");
    mkdirSync(directory);
    expect(await run(topic, "--file", directory)).toMatchObject({
      code: FAILED,
      text: expect.stringContaining(": 0 records (0 B) written"),
      complaints: expect.stringContaining(`kafkawire produce: ${directory}: EISDIR`),
    });
    const outcome = await run(topic, "--file", fileOf("a,a\n"), "--format", "csv");
    expect([outcome.code, outcome.complaints]).toEqual([FAILED, expect.stringContaining("has the column 'a' twice")]);
  });

  it("tells of a topic that is not there once, before it reads anything", async () => {
    const { code, text, complaints: said } = await run("nowhere", "--file", fileOf("one\ntwo\n"), "--timeout", "1");
    expect([code, text]).toEqual([FAILED, ""]);
    expect(said).toMatch(/^kafkawire produce: .*nowhere.*\n$/);
  });

  it.each([
    [[], "say which topic"],
    [["one", "two"], "one topic at a time, not also 'two'"],
    [["orders", "--format", "xml"], "--format takes lines, json or csv, not 'xml'"],
    [["orders", "--format", "json", "-K", ":"], "--key-separator belongs to --format lines, not to json"],
    [["orders", "--format", "json", "--headers"], "--headers belongs to --format lines and csv, not to json"],
    [["orders", "--key-column", "id"], "--key-column belongs to --format csv, not to lines"],
    [["orders", "-K", ""], "--key-separator takes a text that is not empty"],
    [["orders", "--format", "csv", "--column-separator", "::"], "--column-separator takes a single character"],
    [["orders", "--partition", "-1"], "argument is ambiguous"],
    [["orders", "--partition=x"], "--partition takes a number from 0 on, not 'x'"],
    [["orders", "--file", "/no/such/file"], "--file: ENOENT"],
    [["orders", "--timeout", "soon"], "--timeout takes seconds"],
    [["orders", "-X", "transactional.id=t"], "leave transactional.id out of -X and --properties"],
    [["orders", "--frobnicate"], "Unknown option '--frobnicate'"],
  ])("explains how it is used after: produce %j", async (parameters, problem) => {
    const outcome = await run(...parameters);
    expect([outcome.code, outcome.text]).toEqual([WRONG_USAGE, ""]);
    expect(outcome.complaints).toContain(problem);
    expect(outcome.complaints).toContain("Usage: kafkawire produce TOPIC [options]");
    expect(outcome.complaints).toContain("kafkawire produce --help tells more");
  });

  it.each([
    [["--acks", "2"], /acks must be 'all', -1, 0 or 1/],
    [["-z", "rar"], /compression\.type must be one of none, gzip/],
    [["-X", "no.such=1"], /no property 'no\.such'/],
  ])("says what is wrong with options of the client: %j", async (parameters, problem) => {
    const outcome = await run(newTopic(), ...parameters);
    expect([outcome.code, outcome.complaints]).toEqual([WRONG_USAGE, expect.stringMatching(problem)]);
    expect(outcome.complaints).toContain("kafkawire produce --help tells more");
  });

  it("refuses a partition that the topic has not", async () => {
    const topic = newTopic(2);
    const outcome = await run(topic, "--file", fileOf("one\n"), "--partition", "2");
    expect([outcome.code, outcome.complaints]).toEqual([WRONG_USAGE, expect.stringContaining("has 2 partitions, counted from 0")]);
  });

  it("has all of its options in the help", () => {
    const flags = new Set([...produce.help.matchAll(/--[a-z-]+/g)].map(([flag]) => flag));
    const own =
      "--file --format --partition --compression --acks --stop-on-error --key-separator --headers --null --key-column --value-column --column-separator";
    const common = "--bootstrap-servers --bootstrap-server --tls --tls-ca --properties --timeout --verbose --json";
    expect(flags).toEqual(new Set(`${own} ${common}`.split(" ")));
  });
});

describe("kafkawire produce from a pipe", () => {
  it("sends each line as it comes, and ends with the input", async () => {
    const topic = newTopic();
    const started = start(topic);
    started.child.stdin?.write("first\nsec");
    await records(topic, 1);
    started.child.stdin?.end("ond\nlast");
    expect([await started.exited, started.stderr]).toEqual([[OK, null], ""]);
    expect(logOf(topic)).toEqual(["first", "second", "last"].map((value) => [null, value]));
    expect(started.stdout).toMatch(/: 3 records \(15 B\) written in/);
  });

  it("after Ctrl-C delivers what was taken, sums up, and says that there may be more", async () => {
    const topic = newTopic();
    const started = start(topic, "--json");
    started.child.stdin?.write("one\ntwo\nunfinished");
    await records(topic, 2);
    started.child.kill("SIGINT");
    expect(await started.exited).toEqual([FAILED, null]);
    expect(JSON.parse(started.stdout)).toMatchObject({ records: 2, failed: 0, end: "interrupted" });
    expect(started.stderr).toContain("SIGINT: delivering what was taken");
    expect(logOf(topic)).toEqual(["one", "two"].map((value) => [null, value]));
  });
});
