import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { OK } from "../command.ts";
import { demo } from "./demo.ts";

async function printedBy(isTerminal = false): Promise<string> {
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
    printed.split(/^(?=\d\. )/m).flatMap((chapter) => {
      const end = chapter.indexOf("\n");
      return /^\d\. /.test(chapter) ? [[chapter.slice(0, end), chapter.slice(end)] as const] : [];
    }),
  );
}

describe("kafkawire demo", () => {
  it("tells a story in seven chapters, in which nothing is lost and nothing is there twice", async () => {
    const chapters = chaptersOf(await printedBy());
    expect([...chapters.keys()]).toEqual([
      "1. A Kafka cluster of 3 nodes, in this process, with a topic",
      "2. An idempotent producer sends two orders",
      "3. The next batch is written, but the answer is lost; so the producer sends it again",
      "4. Node 1, which leads orders-0, stops",
      "5. Every byte of such a Produce request",
      "6. What the cluster saw",
      "7. Your turn",
    ]);
    const [first, second, third, fourth, , sixth, last] = [...chapters.values()];
    expect(first).toContain("orders-2 is led by node 3");
    expect(second).toContain("tea, milk: written at offset 0");
    expect(third).toMatch(/the producer sees: .*ECONNRESET\n.*honey: written at offset 2\n.*the log has 3 records, not 4/);
    expect(fourth?.match(/offset \d: \w+/g)).toEqual(["offset 0: tea", "offset 1: milk", "offset 2: honey"]);
    expect(sixth).toContain("Produce v9 fault: disconnect");
    expect(sixth).toContain("node 1 stops");
    expect(last).toContain("kafkawire broker --port 9092");
  });

  it("explains each byte of a request", async () => {
    const bytes = [...chaptersOf(await printedBy())].find(([title]) => title.startsWith("5. "))?.[1] ?? "";
    const rows = [...bytes.matchAll(/^ {0,4}(\d{1,3}) {2}([0-9a-f]{2}(?: [0-9a-f]{2})*)(?: {2,}|$)/gm)];
    let position = 0;
    for (const [, start, row = ""] of rows) {
      expect(Number(start)).toBe(position);
      position += row.split(" ").length;
    }
    // The request says itself how long it is.
    expect(bytes).toMatch(new RegExp(`^ +0 .* ${position - 4}\\b`, "m"));
    expect(bytes).toContain("CRC-32C, correct");
    expect(bytes).not.toContain("malformed");
  });

  it("has colours on a terminal only", async () => {
    expect(await printedBy(true)).toContain("\u001b[1m");
    expect(await printedBy()).not.toContain("\u001b");
  });

  it("ends by itself with 0, as a process of its own", () => {
    const main = fileURLToPath(new URL("../main.ts", import.meta.url));
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--import", "tsx", main, "demo"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([OK, ""]);
    expect(stdout).toContain("7. Your turn");
  });
});
