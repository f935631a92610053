import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { scratchFolder } from "../../../support/scratch-folder.ts";
import { Journal, readJournal } from "./journal.ts";

it("what two members write into one journal is read as two lives; a line that was cut off is left out", () => {
  const folder = scratchFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "journal");
  const journal = new Journal(file);
  const assigned = { kind: "assigned", atMs: 1, partitions: ["orders-0"] } as const;
  const handed = { kind: "handed", atMs: 2, partition: "orders-0", first: 3, last: 4 } as const;
  journal.write("one", { kind: "began", group: "group", lanes: 1, manner: "poll, async" });
  journal.write("one", assigned);
  journal.write("two", { kind: "began", group: "group", lanes: 7, manner: "run-by-key, offsets" });
  journal.write("two", { kind: "noted", what: "COMMIT_FAILED" });
  journal.write("one", handed);
  const text = readFileSync(file, "utf8");
  expect(readJournal(`${text}["one",{"kind":"han`)).toEqual({
    lives: [
      { member: "one", group: "group", lanes: 1, manner: "poll, async", events: [assigned, handed] },
      { member: "two", group: "group", lanes: 7, manner: "run-by-key, offsets", events: [] },
    ],
    notes: [{ member: "two", what: "COMMIT_FAILED" }],
  });
});
