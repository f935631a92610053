import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../broker/index.ts";
import { errorByName } from "../protocol/index.ts";
import { brokerEventLine, isQuiet } from "./broker-event-line.ts";

const entry = (over: Partial<JournalEntry>): JournalEntry => ({
  sequence: 7,
  kind: "response",
  atMs: Date.UTC(2026, 0, 1, 12, 34, 56, 789),
  node: 2,
  connection: 3,
  api: "Metadata",
  version: 12,
  correlationId: 4,
  sizeInBytes: 100,
  ...over,
});

const code = (name: Parameters<typeof errorByName>[0]): number => errorByName(name).code;

describe("an event of the broker, as a line", () => {
  it.each([
    [{ kind: "connect", text: "from 127.0.0.1:50000" }, "connected from 127.0.0.1:50000"],
    [{ kind: "disconnect", text: "the client closed" }, "disconnected: the client closed"],
    [{ kind: "request", clientId: "app" }, 'Metadata v12 asked by "app", 100 bytes'],
    [{ kind: "request", clientId: null as never }, "Metadata v12 asked by null, 100 bytes"],
    [{ body: {} }, "Metadata v12 answered, 100 bytes"],
    [{ body: { errorCode: code("NOT_CONTROLLER") } }, "Metadata v12 answered, 100 bytes: NOT_CONTROLLER"],
    [{ text: "is librdkafka 2.16.0", body: { errorCode: 0 } }, "is librdkafka 2.16.0"],
    [{ kind: "fault", text: "disconnect" }, "Metadata v12 fault: disconnect"],
  ] satisfies readonly (readonly [Partial<JournalEntry>, string])[])("%j is %s", (over, text) => {
    expect(brokerEventLine(entry(over), false)).toBe(`12:34:56.789  node 2  connection 3  ${text}`);
  });

  it("of the cluster has neither node nor connection", () => {
    const { node: _node, connection: _connection, ...rest } = entry({ kind: "cluster", text: "node 2 stops" });
    expect(brokerEventLine(rest, false)).toBe("12:34:56.789  node 2 stops");
  });

  it("names up to three different errors, wherever they stand in the answer", () => {
    const names = ["UNKNOWN_TOPIC_ID", "NOT_COORDINATOR", "UNKNOWN_TOPIC_ID", "INVALID_REQUEST", "FENCED_LEADER_EPOCH"] as const;
    const body = { topics: names.map((name) => ({ partitions: [{ errorCode: code(name), bytes: new Uint8Array(9) }] })) };
    expect(brokerEventLine(entry({ body }), false)).toMatch(/: UNKNOWN_TOPIC_ID, NOT_COORDINATOR, INVALID_REQUEST$/);
  });

  it.each([false, true])("has nothing in it that a terminal would act on, whoever chose the text (JSON: %s)", (asJson) => {
    const hostile = "\u001b[2J\u009b31m\u202e\u2028\ud800\r\n\u0000end";
    for (const over of [
      { text: hostile, kind: "disconnect" },
      { clientId: hostile, kind: "request" },
    ] as const) {
      const line = brokerEventLine(entry(over), asJson);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(line).toContain("end");
      if (asJson) expect(JSON.parse(line)).toMatchObject(over);
    }
  });

  it("as JSON is the entry without its body, and with the names of its errors", () => {
    const body = { errorCode: code("NOT_CONTROLLER"), secret: "x" };
    expect(JSON.parse(brokerEventLine(entry({ body }), true))).toEqual({
      sequence: 7,
      atMs: Date.UTC(2026, 0, 1, 12, 34, 56, 789),
      kind: "response",
      node: 2,
      connection: 3,
      api: "Metadata",
      version: 12,
      correlationId: 4,
      sizeInBytes: 100,
      errors: ["NOT_CONTROLLER"],
    });
  });
});

describe("everyday traffic", () => {
  it("is requests, and answers that tell nothing", () => {
    expect(isQuiet(entry({ kind: "request" }))).toBe(true);
    expect(isQuiet(entry({ body: { topics: [{ errorCode: 0 }] } }))).toBe(true);
  });

  it("is neither an error, nor who a client is, nor anything that is no request", () => {
    expect(isQuiet(entry({ body: { topics: [{ errorCode: 3 }] } }))).toBe(false);
    expect(isQuiet(entry({ body: {}, text: "is librdkafka 2.16.0" }))).toBe(false);
    for (const kind of ["connect", "disconnect", "fault", "cluster"] as const) expect(isQuiet(entry({ kind }))).toBe(false);
  });
});
