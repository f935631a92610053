import type { Annotation } from "../../src/protocol/index.ts";
import { recordsFixtures } from "../../test/support/fixtures.ts";
import { attributeBits, batchFields, recordFields } from "./batch-fields.ts";
import { explained } from "./hex-example.ts";
import { code, joinSections, link, table } from "./markdown.ts";

/** The page on what lies in fields of type `records`. */
export function recordsPage(): string {
  return joinSections([...intro, ...batchSections(), ...recordSections(), ...readerSections(), footer]);
}

const intro: readonly string[] = [
  "# Record batches",
  `What a producer sends (${link("Produce", "produce.md")}), a broker stores, and a fetch returns (${link("Fetch", "fetch.md")}, ` +
    `${link("ShareFetch", "share-fetch.md")}). In requests and responses it is a field of type \`records\`: a length, and ` +
    "then batches, one after the other. This page is about format 2 (KIP-98), in use since Kafka 0.11. All numbers are " +
    "big-endian.",
];

function batchSections(): readonly string[] {
  return [
    "## Batch",
    table(
      ["Position", "Field", "Type", "Meaning"],
      batchFields.map(([position, name, type, meaning]) => [String(position), code(name), type, meaning]),
    ),
    "The checksum leaves out what every append changes (offset and leader epoch), so that a broker need not compute it again.",
    "### Attributes",
    table(["Bits", "Meaning"], attributeBits),
    "### A batch of two records, and the beginning of the next one",
    explained(recordsFixture("set/truncated-in-header-12"), { kind: "records" }),
    "The last bytes are what a broker sends when its limit falls into a batch. They are no error: a reader drops them, and the " +
      "next fetch brings the batch whole.",
  ];
}

function recordSections(): readonly string[] {
  return [
    "## Record",
    "Records know no absolute numbers: offset and timestamp are counted from the batch. Lengths and deltas are varints: seven " +
      "bits a byte, the lowest first, and the top bit says that another byte follows. Zigzag turns signed numbers into unsigned " +
      "ones before that (0, -1, 1, -2 become 0, 1, 2, 3), so that small negative numbers stay short.",
    table(
      ["Field", "Type", "Meaning"],
      recordFields.map(([name, type, meaning]) => [code(name), type, meaning]),
    ),
    "### A record with a header",
    explained(recordsFixture("magic2/none/basic"), { kind: "records" }, (whole) => find(whole, "batches[0].records[9]")),
  ];
}

function readerSections(): readonly string[] {
  return [
    "## Control batches",
    "A mark that ends a transaction is a record in a batch of its own. Its key is a version (int16) and a type (int16: 0 abort, " +
      "1 commit); its value a version (int16) and the epoch of the transaction coordinator (int32). It takes an offset like any " +
      "record, but no consumer delivers it. Other types are between controllers, and to be skipped.",
    explained(recordsFixture("control/commit"), { kind: "records" }),
    "## What a reader has to know",
    [
      "- A fetch returns whole batches: the first records may lie before the offset that was asked for, and are to be skipped.",
      "- Offsets may have gaps. After a batch comes `baseOffset + lastOffsetDelta + 1`, however many records are left in it.",
      "- With log append time, the timestamps of single records do not count: all have `maxTimestamp`.",
      "- To read only committed records, drop the transactional batches of a producer id from the first offset that " +
        `\`abortedTransactions\` (${link("Fetch", "fetch.md")}) names to that producer's abort mark.`,
      "- Compression covers the records and nothing before them, so that a broker can read the header without unfolding anything.",
      "- Segments from before Kafka 0.11 may still hold the formats 0 and 1, and a fetch returns them as they are: look at " +
        "`magic` first.",
    ].join("\n"),
  ];
}

const footer: string =
  `${link("All APIs", "README.md")} · ${link("error codes", "errors.md")} · Source: ` +
  link(code("src/protocol/records"), "../../src/protocol/records/README.md");

function recordsFixture(name: string): Uint8Array {
  const fixture = recordsFixtures().find((one) => one.name === name);
  if (fixture === undefined || !("hex" in fixture)) throw new Error(`fixtures/records has no ${name}`);
  return Buffer.from(fixture.hex, "hex");
}

function find(annotation: Annotation, path: string): Annotation {
  const found = search(annotation, path);
  if (found === undefined) throw new Error(`the example has no ${path}`);
  return found;
}

function search(annotation: Annotation, path: string): Annotation | undefined {
  if (annotation.path === path) return annotation;
  for (const child of annotation.children ?? []) {
    const found = search(child, path);
    if (found !== undefined) return found;
  }
  return undefined;
}
