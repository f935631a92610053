import { KafkaError } from "../kafka-error.ts";
import { ATTRIBUTES, CRC, LEGACY_CRC, LOG_OVERHEAD } from "../records/batch-layout.ts";
import { type Codecs, checkedOutputLimit, DEFAULT_MAX_OUTPUT_BYTES } from "../records/compression/codec.ts";
import { portableCodecs } from "../records/compression/portable-codecs.ts";
import { crc32 } from "../records/crc32.ts";
import { crc32c } from "../records/crc32c.ts";
import { type FieldVisitor, type WalkedBatch, type WalkedField, walkBatches, walkRecords } from "../records/walk-record-batch.ts";
import type { Unfolded } from "./annotation.ts";
import { AnnotationList } from "./annotation-list.ts";
import { FieldTree } from "./field-tree.ts";
import { noteForBatchField } from "./record-notes.ts";

export interface ExplainOptions {
  /** What to unfold compressed batches with; snappy and LZ4 need nothing. */
  readonly codecs?: Codecs;
  /** How many bytes all compressed batches together may unfold to. */
  readonly maxOutputBytes?: number;
}

/** What one call of `annotate` has to unfold with. The budget is for all of its batches together. */
export interface Unfolding {
  readonly codecs: Codecs;
  readonly budget: { left: number };
}

export function unfoldingFor({ codecs = portableCodecs, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES }: ExplainOptions): Unfolding {
  return { codecs: { ...portableCodecs, ...codecs }, budget: { left: checkedOutputLimit(maxOutputBytes) } };
}

/** Explains record batches, those inside compressed ones included. */
export function explainRecords(
  options: Unfolding,
  bytes: Uint8Array,
  start: number,
  end: number,
  path: string,
  into: AnnotationList,
): void {
  const tree = new FieldTree(path);
  try {
    walkInto(tree, options, bytes, start, end);
  } finally {
    tree.addTo(into);
  }
}

/**
 * A batch's fields are only understood when all of them are there, so each batch is labelled at its end. Without options nothing
 * is unfolded: so it is inside a compressed set, where compressing again is not allowed and would make a bomb of any depth.
 */
function walkInto(tree: FieldTree, options: Unfolding | undefined, bytes: Uint8Array, start: number, end: number): void {
  let fields: WalkedField[] = [];
  const collect: FieldVisitor = (field) => fields.push(field);
  const label = (batch: WalkedBatch | undefined): void => {
    for (const field of fields) labelField(tree, field, batch, options, bytes);
    fields = [];
  };
  try {
    walkBatches(bytes, start, end, collect, label);
  } finally {
    // What is left belongs to a batch that broke off, or to none.
    label(undefined);
  }
}

function labelField(
  tree: FieldTree,
  field: WalkedField,
  batch: WalkedBatch | undefined,
  options: Unfolding | undefined,
  bytes: Uint8Array,
): void {
  const compressed = batch?.compressed;
  if (batch === undefined || compressed === undefined || field.start !== compressed.start) {
    tree.add(field, batch === undefined ? undefined : (crcNote(field, batch, bytes) ?? noteForBatchField(field)));
    return;
  }
  if (options === undefined) {
    tree.add(field, "compressed inside a compressed message set, which no reader accepts; it stays folded");
    return;
  }
  const { inside, note } = unfold(batch, compressed, options, bytes, field.path);
  tree.add(field, note, inside);
}

/** Compares the checksum with the bytes it covers: the rest of the batch, from the attributes on (from the magic, in old formats). */
function crcNote(field: WalkedField, batch: WalkedBatch, bytes: Uint8Array): string | undefined {
  if (!/(^|\.)crc$/.test(field.path)) return undefined;
  const isCurrent = batch.magic === 2;
  const batchStart = field.start - (isCurrent ? CRC : LEGACY_CRC);
  const covered = batchStart + (isCurrent ? ATTRIBUTES : LOG_OVERHEAD + 4);
  const computed = isCurrent ? crc32c(bytes, covered, batch.end) : crc32(bytes, covered, batch.end);
  const name = isCurrent ? "CRC-32C" : "CRC-32";
  return computed === field.value ? `${name}, correct` : `${name}, wrong: the bytes give ${computed}`;
}

function unfold(
  batch: WalkedBatch,
  { start, end }: { readonly start: number; readonly end: number },
  { codecs, budget }: Unfolding,
  bytes: Uint8Array,
  path: string,
): { inside?: Unfolded; note: string } {
  const { compression, magic } = batch;
  const codec = compression === "none" ? undefined : codecs[compression];
  if (codec === undefined) return { note: `compressed with ${compression}; no such codec was passed, so it stays folded` };
  if (budget.left <= 0) return { note: `compressed with ${compression}; the batches before it used up the output limit` };
  try {
    const unfolded = codec.decompress(bytes.subarray(start, end), { maxOutputBytes: budget.left, magic });
    budget.left -= unfolded.length;
    const tree = new FieldTree(`${path}.inside`);
    if (magic === 2)
      walkRecords(unfolded, 0, unfolded.length, batch.recordCount, (field) => tree.add(field, noteForBatchField(field)));
    else walkInto(tree, undefined, unfolded, 0, unfolded.length);
    const list = new AnnotationList();
    tree.addTo(list);
    return { inside: { bytes: unfolded, annotations: list.sorted() }, note: `${compression}, unfolds to ${unfolded.length} bytes` };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return { note: `compressed with ${compression}, which cannot be unfolded: ${error.message}` };
  }
}
