import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { OK } from "../command.ts";
import { demo } from "./demo.ts";

async function printedBy(isTerminal: boolean): Promise<string> {
  let printed = "";
  const output = {
    write: (text: string) => {
      printed += text;
    },
    isTerminal,
  };
  expect(await demo.run([], output)).toBe(OK);
  return printed;
}

/** What is said under each title. */
function chaptersOf(printed: string): ReadonlyMap<string, string> {
  return new Map(
    printed.split(/^(?=\d+\. )/m).flatMap((chapter) => {
      const end = chapter.indexOf("\n");
      return /^\d+\. /.test(chapter) ? [[chapter.slice(0, end), chapter.slice(end)] as const] : [];
    }),
  );
}

let printed: string;
let chapters: ReadonlyMap<string, string>;

beforeAll(async () => {
  printed = await printedBy(false);
  chapters = chaptersOf(printed);
});

function chapter(number: number): string {
  const [, text = ""] = [...chapters].find(([title]) => title.startsWith(`${number}. `)) ?? [];
  return text;
}

/** The lines of a table, cell by cell; the first is its head. */
function tableIn(text: string, head: string): readonly (readonly string[])[] {
  const lines = text.split("\n").map((line) => line.trim());
  const from = lines.findIndex((line) => line.startsWith(head));
  const to = lines.indexOf("", from);
  return lines.slice(from + 1, to < 0 ? undefined : to).map((line) => line.split(/ {2,}/));
}

/** `orders-1 orders-3`. */
function namesIn(cell = ""): readonly string[] {
  return cell.match(/orders-\d/g) ?? [];
}

const ALL = ["orders-0", "orders-1", "orders-2", "orders-3"];

describe("kafkawire demo", () => {
  it("tells a story in eleven chapters", () => {
    expect([...chapters.keys()]).toEqual([
      "1. A Kafka cluster of 3 nodes, in this process",
      "2. A producer sends orders",
      "3. An answer is lost, and nothing is written twice",
      '4. A consumer joins the group "kitchen", and reads',
      "5. A second one joins: the partitions are shared anew",
      "6. Offsets: how far the group is",
      expect.stringMatching(/^7\. Node \d, which .*coordinates the group, stops$/),
      "8. One leaves, and the other takes over where it was",
      "9. Every byte of a request: the one of chapter 3, that the broker knew again",
      "10. What the cluster saw",
      "11. Your turn",
    ]);
    expect(chapter(11)).toContain("kafkawire broker --port 9092");
  });

  it("produces: every partition has a leader, and a customer's orders are in one partition, in order", () => {
    expect(namesIn(chapter(1)).toSorted()).toEqual(ALL);
    const orders = tableIn(chapter(2), "KEY");
    expect(orders.map(([, value]) => value)).toEqual(["2 teas", "1 coffee", "3 rolls", "1 tea", "1 cake", "2 coffees", "1 soup"]);
    const ofAda = orders.filter(([key]) => key === "ada");
    expect(new Set(ofAda.map(([, , partition]) => partition)).size).toBe(1);
    expect(Number(ofAda[1]?.[3])).toBeGreaterThan(Number(ofAda[0]?.[3]));
  });

  it("loses an answer, asks again, and writes nothing twice", () => {
    expect(chapter(3)).toMatch(/asked 2 times/);
    expect(chapter(3)).toMatch(/The log has 8 records, not 9/);
  });

  it("one consumer reads everything; of two each has its half, and the first keeps what it need not give", () => {
    const [alone] = tableIn(chapter(4), "CONSUMER");
    expect([alone?.[0], namesIn(alone?.[3])]).toEqual(["cook-1", ALL]);
    const readAlone = tableIn(chapter(4), "READ BY");
    expect(readAlone.map(([reader]) => reader)).toEqual(Array.from({ length: 8 }, () => "cook-1"));

    const rounds = tableIn(chapter(5), "CONSUMER");
    const given = rounds.filter(([consumer]) => consumer === "cook-1").flatMap(([, , gives]) => namesIn(gives));
    const got = rounds.filter(([consumer]) => consumer === "cook-2").flatMap(([, , , gets]) => namesIn(gets));
    expect(given).toHaveLength(2);
    expect(got.toSorted()).toEqual(given.toSorted());

    const readByTwo = tableIn(chapter(5), "READ BY");
    expect(readByTwo).toHaveLength(6);
    for (const [reader, partition = ""] of readByTwo) expect(reader).toBe(got.includes(partition) ? "cook-2" : "cook-1");
  });

  it("shows offsets: everything is committed, and nothing is left to be read", () => {
    const offsets = tableIn(chapter(6), "PARTITION");
    expect(offsets.map(([partition]) => partition)).toEqual(ALL);
    expect(offsets.reduce((sum, [, committed]) => sum + Number(committed), 0)).toBe(14);
    for (const [, committed, end, lag] of offsets) expect([end, lag]).toEqual([committed, "0"]);
  });

  it("goes on without a rebalance when the coordinator stops, and without a gap when a consumer leaves", () => {
    expect(chapter(7)).toMatch(/4 orders sent, read and committed after \d+ ms; no rebalance:/);
    expect(tableIn(chapter(7), "READ BY")).toHaveLength(4);
    expect(tableIn(chapter(8), "PARTITION").map(([, , , , consumer]) => consumer)).toEqual(ALL.map(() => "cook-1"));
    expect(chapter(8)).toContain("18 orders sent, 18 orders read, none of them twice.");
  });

  it("explains each byte of a request", () => {
    const bytes = chapter(9);
    const rows = [...bytes.matchAll(/^ {0,4}(\d{1,3}) {2}([0-9a-f]{2}(?: [0-9a-f]{2})*)(?: {2,}|$)/gm)];
    let position = 0;
    for (const [, start, row = ""] of rows) {
      expect(Number(start)).toBe(position);
      position += row.split(" ").length;
    }
    expect(bytes).toContain(`${position} bytes.`);
    // The request says itself how long it is.
    expect(bytes).toMatch(new RegExp(`^ +0 .* ${position - 4}\\b`, "m"));
    expect(bytes).toContain("CRC-32C, correct");
    expect(bytes).not.toContain("malformed");
  });

  it("sums up what the cluster was asked, and what happened to it", () => {
    const asked = tableIn(chapter(10), "REQUEST").map(([api]) => api);
    expect(asked).toEqual(expect.arrayContaining(["Fetch", "JoinGroup", "OffsetCommit", "Produce"]));
    expect(chapter(10)).toMatch(/Produce v\d+ fault: disconnect/);
    expect(chapter(10)).toMatch(/node \d stops/);
  });

  it("has colours on a terminal only", async () => {
    expect(printed).not.toContain("\u001b");
    expect(await printedBy(true)).toContain("\u001b[1m");
  });

  it("ends by itself with 0, in less than a minute, as a process of its own", () => {
    const main = fileURLToPath(new URL("../main.ts", import.meta.url));
    const options = { encoding: "utf8", timeout: 60_000 } as const;
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--import", "tsx", main, "demo"], options);
    expect([status, stderr]).toEqual([OK, ""]);
    expect(stdout).toContain("11. Your turn");
  });
});
