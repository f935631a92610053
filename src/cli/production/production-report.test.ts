import { describe, expect, it } from "vitest";
import { ClosedError } from "../../index.ts";
import { progressText, summaryJson, summaryText } from "./production-report.ts";
import { ProductionTally } from "./production-tally.ts";
import { StatusLine } from "./status-line.ts";

function tallyOf(records: number): ProductionTally {
  const tally = new ProductionTally();
  const sizes = { serializedKeySize: -1, serializedValueSize: 100 };
  for (let offset = 0; offset < records; offset++)
    tally.delivered({ topic: "orders", partition: 0, offset, timestamp: 1, ...sizes });
  return tally;
}

describe("the summary", () => {
  it("says how many records, how large and how fast", () => {
    expect(summaryText({ topic: "orders", tally: tallyOf(25_000), seconds: 2, end: "end of input" })).toBe(
      "orders: 25,000 records (2.5 MB) written in 2.00 s: 12,500 records/s, 1.3 MB/s\n",
    );
    expect(summaryText({ topic: "orders", tally: tallyOf(1), seconds: 0, end: "end of input" })).toMatch(
      /^orders: 1 record \(100 B\) written in 0\.00 s: 0 records\/s/,
    );
  });

  it("explains failures by their first, without what a terminal would act on", () => {
    const tally = tallyOf(1);
    const error = Object.assign(new ClosedError("\u001b[31mproducer"), { verdict: "possibly persisted" as const });
    tally.recordFailed(3, error);
    tally.recordFailed(4, error);
    tally.lineIsWrong(7, "has no key separator ':'");
    const production = { topic: "orders", tally, seconds: 1, end: "interrupted" } as const;
    expect(summaryText(production).split("\n").slice(1)).toEqual([
      "failed: 2 records, 2 of them possibly written all the same",
      "not sent: 1 wrong line",
      "  2 × CLOSED, first in line 3: ·[31mproducer was closed",
      "  1 × WRONG_LINE, first in line 7: has no key separator ':'",
      "interrupted: the rest of the input was not read",
      "",
    ]);
    expect(summaryJson(production)).toEqual({
      topic: "orders",
      records: 1,
      bytes: 100,
      seconds: 1,
      recordsPerSecond: 1,
      failed: 2,
      possiblyPersisted: 2,
      wrongLines: 1,
      failures: [
        { code: "CLOSED", count: 2, firstLine: 3, firstMessage: "\u001b[31mproducer was closed" },
        { code: "WRONG_LINE", count: 1, firstLine: 7, firstMessage: "has no key separator ':'" },
      ],
      end: "interrupted",
    });
  });

  it("has as many kinds of failures as it can show, however many a broker makes up", () => {
    const tally = tallyOf(0);
    for (let code = 0; code < 100; code++) {
      const error = new ClosedError("producer");
      Object.defineProperty(error, "code", { value: `MADE_UP_${code}` });
      tally.recordFailed(1, error);
    }
    expect([tally.failed, tally.kinds.size]).toEqual([100, 50]);
  });
});

describe("the line of progress", () => {
  it("says how far, how many, how large, how fast, and what went wrong", () => {
    expect(progressText(tallyOf(2000), 2, undefined)).toBe("2,000 records  200.0 kB  1,000 records/s");
    const tally = tallyOf(0);
    tally.lineIsWrong(1, "x");
    expect(progressText(tally, 0, 0.999)).toBe("99 %  0 records  0 B  0 records/s  1 failed");
  });

  it("is written over itself on a terminal, and nowhere else", () => {
    const written = (isTerminal: boolean): string => {
      const parts: string[] = [];
      const line = new StatusLine({ isTerminal, write: (text) => void parts.push(text) });
      line.clear();
      line.show("one");
      line.show("two");
      line.clear();
      line.clear();
      return parts.join("");
    };
    expect(written(true)).toBe("\r\u001b[Kone\r\u001b[Ktwo\r\u001b[K");
    expect(written(false)).toBe("");
  });
});
