import { apis } from "../../src/protocol/index.ts";
import { groupOf, groupTitles } from "./api-groups.ts";
import { flexibleText } from "./api-page.ts";
import type { DocumentedApi } from "./documented-api.ts";
import { messageExample } from "./hex-example.ts";
import { capitalised, code, joinSections, link, table } from "./markdown.ts";
import { pageFileOf } from "./page-file.ts";
import { firstSentence, prose } from "./prose.ts";
import { rangeText } from "./version-set.ts";

/** docs/wire/README.md: how to read the pages, and the list of them. */
export function indexPage(documented: readonly DocumentedApi[]): string {
  return joinSections([
    "# Kafka's wire protocol",
    `Every message that a client exchanges with a broker, field by field: ${documented.length} APIs at all their versions. ` +
      "Rendered from the layouts that this library encodes and decodes with ([src/protocol](../../src/protocol/README.md)), so " +
      "what stands here is what runs. Do not edit: change the source and run `npm run docs`.",
    `Beside them: ${link("error codes", "errors.md")} and ${link("record batches", "records.md")}.`,
    ...byPurpose(documented),
    ...byKey(documented),
    ...frame,
    ...reading,
    ...example(),
  ]);
}

function byPurpose(documented: readonly DocumentedApi[]): readonly string[] {
  const lines = groupTitles.flatMap((title) => {
    const members = documented.filter(({ api }) => groupOf(api.name) === title);
    const links = members.map(({ api }) => link(api.name, pageFileOf(api.name)));
    return links.length === 0 ? [] : [`- **${title}:** ${links.join(", ")}`];
  });
  return ["## By purpose", lines.join("\n")];
}

function byKey(documented: readonly DocumentedApi[]): readonly string[] {
  const rows = documented.map(({ api, source }) => [
    String(api.key),
    link(api.name, pageFileOf(api.name)),
    rangeText(api.versions),
    flexibleText(api),
    prose(capitalised(firstSentence(source.header.purpose[0] ?? "")), pageFileOf(api.name)),
  ]);
  return ["## By key", table(["Key", "API", "Versions", "Flexible", "Purpose"], rows)];
}

const frame: readonly string[] = [
  "## Frames and headers",
  "A connection carries frames: four bytes with the size of what follows (int32), a header, and a body. A client may send " +
    "requests without waiting; a broker answers them in the order in which they came. All numbers are big-endian.",
  "A **request header** says what the body is: `requestApiKey` (int16), `requestApiVersion` (int16), `correlationId` (int32), " +
    "`clientId` (nullable string, its length two bytes always). That is header version 1; version 2 adds tagged fields and " +
    "comes with flexible versions.",
  "A **response header** is only the `correlationId` (int32) of the request: who reads it has to remember which API and version " +
    "it answers. That is header version 0; version 1 adds tagged fields and comes with flexible versions, except in " +
    `${link("ApiVersions", "api-versions.md")}, whose answer must be readable before anybody knows what the other side speaks.`,
  `The version of each API is the client's choice from what the broker offers; ${link("ApiVersions", "api-versions.md")} ` +
    "asks for that.",
];

const reading: readonly string[] = [
  "## How to read a page",
  "The fields of a table lie on the wire in this order, without anything between them. A field whose type is a link is a " +
    "struct, whose fields stand in a table of their own, and on the wire in its place.",
  "**Type.** Where nothing else is said, lengths have a fixed size and flexible versions have compact ones:",
  table(
    ["Type", "On the wire", "Compact, in flexible versions"],
    [
      ["boolean, int8, int16, uint16, int32, int64, float64", "1, 1, 2, 2, 4, 8, 8 bytes; booleans are 0 or 1", "the same"],
      ["uuid", "16 bytes; shown as 22 characters of base64url", "the same"],
      ["string", "int16 length, UTF-8; length -1 for null", "unsigned varint of length + 1; 0 for null"],
      ["bytes, records", "int32 length, bytes; -1 for null", "unsigned varint of length + 1; 0 for null"],
      ["array of …", "int32 count, elements; -1 for null", "unsigned varint of count + 1; 0 for null"],
      ["nullable struct", "int8: -1 for null, else 1 and the struct", "the same"],
    ],
  ),
  "`array of string, compact in 9+` means that from version 9 on both the count and the strings' lengths are compact. An int64 " +
    "is a JavaScript number where it counts or measures something (offsets, times, sizes), and a bigint where the table says so.",
  "**Versions.** `all`, or those that have the field: `0–12`, `13+`. Then, where it applies:",
  [
    "- `tag 3`: a **tagged field** (KIP-482). Every struct of a flexible version ends with a section of them: their count, and " +
      "for each its tag and its size (all unsigned varints) and its value, ascending by tag. A tagged field at its default is " +
      "left out; a tag that a reader does not know is skipped. A struct without tagged fields ends with a single zero byte.",
    "- `ignorable`: when a value is set and the version lacks the field, the value is dropped silently. Without this mark, " +
      "encoding such a value is an error, because it would change what the message means.",
  ].join("\n"),
  "**Default.** What the field reads as when the version lacks it, when a tagged field is not there, and when a caller leaves " +
    "it out.",
  `**Meaning.** Empty where the name says it all. ${code("CAPITALS_LIKE_THIS")} are names of ${link("error codes", "errors.md")}.`,
];

/** A frame small enough to be read in one go, which shows all of the above. */
function example(): readonly string[] {
  const shown = messageExample(apis.Metadata, "request");
  if (shown === undefined) return [];
  return [
    "## A frame, byte by byte",
    `A ${link("Metadata", "metadata.md")} request of version ${shown.version}, as Kafka's own classes write it: position, ` +
      "bytes, field, value. `plus one` reminds of a compact length. " +
      `The package does the same with any frame: ${code('annotate(bytes, { kind: "request" })')}.`,
    shown.annotatedHex,
  ];
}
