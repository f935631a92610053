import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Journal } from "./journal.ts";
import type { JournalEvent } from "./journal-entry.ts";

const request = (over: Partial<JournalEvent> = {}): JournalEvent => ({
  kind: "request",
  atMs: 0,
  connection: 1,
  node: 1,
  api: "Metadata",
  version: 12,
  correlationId: 1,
  clientId: "test",
  body: { topics: null },
  sizeInBytes: 30,
  ...over,
});

describe("the journal", () => {
  it("numbers its entries and finds them by kind and API", () => {
    const journal = new Journal();
    journal.write(request());
    journal.write(request({ kind: "response" }));
    journal.write(request({ api: "Fetch" }));
    expect([...journal].map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(journal.requests().map(({ api }) => api)).toEqual(["Metadata", "Fetch"]);
    expect(journal.requests("Fetch")).toHaveLength(1);
    expect(journal.responses("Fetch")).toHaveLength(0);
  });

  it("keeps as many entries as it may, the newest", () => {
    const journal = new Journal({ maxEntries: 10 });
    for (let index = 0; index < 5000; index++) journal.write(request({ correlationId: index }));
    expect([...journal].map(({ correlationId }) => correlationId)).toEqual([
      4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999,
    ]);
    expect(journal.total).toBe(5000);
    expect(journal.dropped).toBe(4990);
  });

  it("keeps as many bytes as it may, and at least the last entry", () => {
    const journal = new Journal({ maxBytes: 100 });
    for (let index = 0; index < 5; index++) journal.write(request({ correlationId: index, sizeInBytes: 40 }));
    expect([...journal].map(({ correlationId }) => correlationId)).toEqual([3, 4]);
    journal.write(request({ correlationId: 5, sizeInBytes: 1000 }));
    expect([...journal].map(({ correlationId }) => correlationId)).toEqual([5]);
  });

  it("gives what was waited for, whether it was there or comes later", async () => {
    const journal = new Journal();
    journal.write(request());
    expect((await journal.waitFor(({ api }) => api === "Metadata")).sequence).toBe(0);
    const waiting = journal.waitFor(({ api }) => api === "Fetch");
    journal.write(request({ api: "Produce" }));
    journal.write(request({ api: "Fetch" }));
    expect((await waiting).sequence).toBe(2);
    const { signal } = new AbortController();
    const listening = journal.waitFor(({ api }) => api === "Heartbeat", { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    journal.write(request({ api: "Heartbeat" }));
    await listening;
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const aborted = journal.waitFor(() => false, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow("did not come");
  });

  it("is text that depends on nothing but its content: sorted fields, bytes in hex or as a checksum", () => {
    const journal = new Journal();
    const body = {
      zeta: 1n,
      alpha: [true, null, "x"],
      bytes: new Uint8Array([1, 255]),
      left: undefined,
      large: new Uint8Array(1000),
    };
    journal.write(request({ body }));
    expect(journal.text()).toBe(
      '0 0 request node=1 connection=1 Metadata v12 #1 client="test" {"alpha":[true,null,"x"],"bytes":<01ff>,' +
        '"large":<1000 bytes, crc32c d84dda57>,"zeta":1n}\n',
    );
  });

  it("goes on numbering after it was cleared", () => {
    const journal = new Journal();
    journal.write(request());
    journal.clear();
    journal.write(request());
    expect([...journal].map(({ sequence }) => sequence)).toEqual([1]);
    expect([journal.total, journal.dropped]).toEqual([2, 0]);
  });
});

describe("a hot loop", () => {
  const ask = (journal: Journal, count: number, over: (index: number) => Partial<JournalEvent>): void => {
    for (let index = 0; index < count; index++) journal.write(request(over(index)));
  };

  it("is more than fifty equal requests within 100 ms", () => {
    const journal = new Journal();
    ask(journal, 50, (index) => ({ atMs: index, correlationId: index }));
    expect(journal.hotLoops).toEqual([]);
    ask(journal, 5, (index) => ({ atMs: 50 + index }));
    expect(journal.hotLoops).toEqual([{ api: "Metadata", connection: 1, clientId: "test", firstAtMs: 0, count: 55 }]);
  });

  it("is not as many requests in more time", () => {
    const journal = new Journal();
    ask(journal, 500, (index) => ({ atMs: index * 3 }));
    expect(journal.hotLoops).toEqual([]);
  });

  it("is not requests that differ, be it in one byte of their bodies", () => {
    const journal = new Journal();
    ask(journal, 200, (index) => ({ body: { topics: [{ name: `topic-${index % 10}` }] } }));
    expect(journal.hotLoops).toEqual([]);
  });

  it("is fetches that differ in nothing but their session's epoch", () => {
    const journal = new Journal();
    ask(journal, 60, (index) => ({ api: "Fetch", body: { sessionId: 9, sessionEpoch: index, topics: [] } }));
    expect(journal.hotLoops.map(({ api, count }) => ({ api, count }))).toEqual([{ api: "Fetch", count: 60 }]);
  });

  it("is forgotten with its connection", () => {
    const journal = new Journal();
    ask(journal, 40, () => ({}));
    journal.write({ kind: "disconnect", atMs: 0, connection: 1, text: "", sizeInBytes: 0 });
    ask(journal, 40, () => ({}));
    expect(journal.hotLoops).toEqual([]);
  });

  it("is counted for each connection on its own", () => {
    const journal = new Journal();
    ask(journal, 100, (index) => ({ connection: index % 2 }));
    expect(journal.hotLoops).toEqual([]);
  });
});
