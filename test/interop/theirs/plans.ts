// The plans that every client's producer follows.

import { createHash } from "node:crypto";
import { type Abilities, CODECS, type Codec, hex, type PlannedRecord, type Step } from "./plan.ts";

/** About the least that any client can be asked for. */
const TINY_BATCH = 600;
const SMALL_BATCH = 2000;
/** One batch, which is unfolded off the loop. */
const LARGE_BATCH = 900_000;
const IN_SMALL_BATCHES = 200;
const IN_A_LARGE_BATCH = 100;
/** Much more than one answer brings to a reader who asks for little at a time. */
const ABORTED = 300;
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex");
const NOT_UTF8 = "fffe0080c3";

/** All that a record may have in partition 0, many small batches in partition 1, large ones in partition 2, in every codec. */
export function everything(can: Abilities): readonly Step[] {
  const open = (by: string, codec: Codec, batchBytes: number): Step => ({
    do: "open",
    by,
    codec,
    batchBytes,
    transactionalId: null,
  });
  return [
    ...CODECS.flatMap((codec) => [open(codec, codec, SMALL_BATCH), open(`much ${codec}`, codec, LARGE_BATCH)]),
    ...CODECS.flatMap((codec): Step[] => [
      { do: "send", by: codec, records: odd(codec, can) },
      { do: "send", by: codec, records: small(codec, can) },
      { do: "send", by: `much ${codec}`, records: large(codec) },
    ]),
    ...CODECS.flatMap((codec): Step[] => [
      { do: "close", by: codec },
      { do: "close", by: `much ${codec}` },
    ]),
  ];
}

/** For a topic that has the broker's times. All of it is text. */
export function stamped(): readonly Step[] {
  const records = Array.from({ length: 30 }, (_, i) => plain(0, hex(`key ${i}`), hex(`stamped ${i}`)));
  return [
    { do: "open", by: "it", codec: "gzip", batchBytes: TINY_BATCH, transactionalId: null },
    { do: "send", by: "it", records },
    { do: "close", by: "it" },
  ];
}

/**
 * Transactions committed and aborted, one after the other and interleaved; a producer that aborts again and again, and more than one
 * answer brings. All of it is text.
 */
export function transactions(ids: readonly [string, string], can: Abilities): readonly Step[] {
  const send = (by: string, word: string, count: number): Step => ({ do: "send", by, records: numbered(word, count, can) });
  const whole = (by: string, end: "commit" | "abort", word: string, count: number): readonly Step[] => [
    { do: "begin", by },
    send(by, word, count),
    { do: end, by },
  ];
  return [
    { do: "open", by: "a", codec: "zstd", batchBytes: TINY_BATCH, transactionalId: ids[0] },
    { do: "open", by: "b", codec: "none", batchBytes: TINY_BATCH, transactionalId: ids[1] },
    { do: "open", by: "plain", codec: "lz4", batchBytes: TINY_BATCH, transactionalId: null },
    ...whole("a", "commit", "first", 20),
    ...whole("a", "abort", "gone 1", 3),
    ...whole("a", "abort", "gone 2", 5),
    ...whole("a", "commit", "between", 2),
    ...whole("a", "abort", "gone 3", ABORTED),
    send("plain", "no transaction", 4),
    // The end of one that is committed lies in one that is aborted, and the other way about.
    { do: "begin", by: "a" },
    { do: "begin", by: "b" },
    send("a", "a stays", 4),
    send("b", "b goes", 6),
    send("plain", "between them", 2),
    send("a", "a stays too", 2),
    { do: "commit", by: "a" },
    { do: "begin", by: "a" },
    send("a", "a goes", 4),
    send("b", "b goes too", 2),
    { do: "abort", by: "b" },
    send("plain", "in a transaction of another", 2),
    { do: "begin", by: "b" },
    // Of the two that were aborted at once, one goes on behind the mark of the other.
    send("a", "a goes on and goes", 4),
    send("b", "b stays", 60),
    { do: "abort", by: "a" },
    { do: "commit", by: "b" },
    ...whole("b", "abort", "gone at the end", 7),
    { do: "close", by: "a" },
    { do: "close", by: "b" },
    { do: "close", by: "plain" },
  ];
}

function odd(codec: Codec, can: Abilities): readonly PlannedRecord[] {
  const value = hex(`odd ${codec}`);
  const nothing = can.nullHeaders ? null : "";
  const bytes = can.binaryHeaders ? EVERY_BYTE : hex("größe 😀");
  const headers: readonly PlannedRecord["headers"][] = [
    [["one", hex("header")]],
    [
      ["same", hex("1")],
      ["same", nothing],
      ["bytes", bytes],
      ["same", hex("2")],
    ],
    [["größe 😀", ""]],
    ...(can.namelessHeaders ? [[["", hex("nameless")] as const]] : []),
  ];
  return [
    plain(0, null, value),
    plain(0, "", value),
    plain(0, hex("tombstone"), null),
    plain(0, hex("empty"), ""),
    plain(0, hex("größe 😀"), hex("größe 😀")),
    plain(0, NOT_UTF8, `${NOT_UTF8}00${NOT_UTF8}`),
    plain(0, EVERY_BYTE, EVERY_BYTE),
    plain(0, "", ""),
    ...(can.emptyRecords ? [plain(0, null, null), plain(0, null, "")] : []),
    ...headers.map((list) => ({ ...plain(0, hex("with headers"), value), headers: list })),
    ...can.timestamps.map((timestamp) => ({ ...plain(0, hex(`at ${timestamp}`), value), timestamp })),
  ];
}

function small(codec: Codec, { timestamps }: Abilities): readonly PlannedRecord[] {
  return Array.from({ length: IN_SMALL_BATCHES }, (_, i) => ({
    ...plain(1, i % 14 === 0 ? null : hex(`key ${i}`), i % 14 === 7 ? "" : hex(`${codec} ${i} `.repeat(1 + (i % 30)))),
    // Times go back and forth: a batch has the delta to its first record.
    timestamp: timestamps.length > 0 ? String(1_700_000_000_000 + ((i * 7919) % 100_000)) : null,
  }));
}

/** Of what hardly gets smaller. */
function large(codec: Codec): readonly PlannedRecord[] {
  return Array.from({ length: IN_A_LARGE_BATCH }, (_, i) => {
    const digest = createHash("sha512").update(`${codec} ${i}`).digest("hex");
    const parts = Array.from({ length: 16 }, (__, n) => createHash("sha512").update(`${digest} ${n}`).digest("hex"));
    return plain(2, hex(String(i)), parts.join(""));
  });
}

function numbered(word: string, count: number, can: Abilities): readonly PlannedRecord[] {
  return Array.from({ length: count }, (_, i) => plain(i % can.transactionPartitions, hex(`key ${i}`), hex(`${word} ${i}`)));
}

function plain(partition: number, key: string | null, value: string | null): PlannedRecord {
  return { partition, timestamp: null, key, value, headers: [] };
}
