// Holds what tshark says of a frame against what we say of it: places, values and names.

import { type AnnotateOptions, type Annotation, annotate, leavesOf } from "../../src/protocol/index.ts";
import { fieldNames } from "./field-names.ts";
import { FRAME_OFFSET } from "./pcap.ts";
import { fieldsOf, leafFieldsOf, type PdmlField, type PdmlPacket } from "./pdml.ts";
import { type Explained, isSameValue, valueOfNode } from "./readings.ts";

export interface Comparison {
  /** Fields of tshark that were compared. */
  readonly fields: number;
  readonly problems: readonly string[];
}

export function compare(bytes: Uint8Array, options: AnnotateOptions, packet: PdmlPacket | undefined): Comparison {
  const fault = faultOf(packet, options.kind);
  const [layer] = packet?.kafka ?? [];
  if (fault !== undefined || layer === undefined) return { fields: 0, problems: [fault ?? "tshark shows no Kafka"] };
  const tree = annotate(bytes, options);
  const frame: Explained = { bytes, nodes: [...nodesOf(tree)] };
  const fields = [...leafFieldsOf(layer)];
  const differing = fields.flatMap((field) => problemOf(field, frame) ?? []);
  return { fields: fields.length, problems: [...differing, ...hiddenFrom(fields, tree)] };
}

/** Why tshark did not get through the frame, in its words. */
export function faultOf(packet: PdmlPacket | undefined, kind: AnnotateOptions["kind"]): string | undefined {
  if (packet === undefined || packet.kafka.length !== 1) return `tshark sees ${packet?.kafka.length ?? 0} frames in this packet`;
  const names = new Set([...packet.layers, ...packet.kafka.flatMap((layer) => [...fieldsOf(layer)].map(({ name }) => name))]);
  // In an ApiVersions answer the last one is about the versions that the answer lists, which may well be newer than tshark's.
  const faults = ["_ws.malformed", "kafka.pdu_length_mismatch", "kafka.request_missing"];
  if (kind === "request") faults.push("kafka.unsupported_api_version");
  const found = faults.filter((name) => names.has(name));
  return found.length === 0 ? undefined : `tshark says ${found.join(", ")}`;
}

function problemOf(field: PdmlField, frame: Explained): string | undefined {
  const start = field.start - FRAME_OFFSET;
  const end = field.end - FRAME_OFFSET;
  const node = nodeAt(start, end, frame.nodes);
  const what = `${field.name || field.show} at ${start} to ${end}`;
  if (node === undefined) return LOOSE_LINES.has(field.show) ? undefined : `${what}: nothing of ours has these bytes`;
  // A line of text: nothing but a count, of tagged fields or of an empty array.
  if (field.name === "") return undefined;
  if (!isSameValue(field, node, frame))
    return `${what}: tshark reads ${field.show}, we read ${String(valueOfNode(node))} for ${node.path}`;
  return isSameName(field.name, node)
    ? undefined
    : `${what}: we call it ${node.path}; test/tshark/field-names.ts does not know that`;
}

/** The innermost that has these very bytes; a string rather than the text in it, when there is no length before it. */
function nodeAt(start: number, end: number, nodes: readonly Annotation[]): Annotation | undefined {
  const candidates = nodes.filter((node) => node.start === start && node.end === end);
  return candidates.findLast(({ name }) => !PART_OF_A_FIELD.test(name)) ?? candidates.at(-1);
}

/** Lines of text without fields in them that span two of our counts: the missing array of keys in a DescribeConfigs request. */
const LOOSE_LINES: ReadonlySet<string> = new Set(["Entries"]);

const PART_OF_A_FIELD = /^(length|text|content|count)$/;

function isSameName(tsharkName: string, { path }: Annotation): boolean {
  if (tsharkName === "kafka.tagged_field_data") return true;
  const name = path.replace(/\.content$/, "").match(/(\w+)(\[\d+\])?$/)?.[1] ?? "";
  return fieldNames.get(tsharkName)?.includes(name) ?? false;
}

/** What we see and tshark passes over: but for lengths, counts and the like, there must be nothing. */
function hiddenFrom(fields: readonly PdmlField[], tree: Annotation): readonly string[] {
  const shown = new Set<number>();
  for (const { start, end } of fields) for (let at = start; at < end; at++) shown.add(at - FRAME_OFFSET);
  const hidden = [...leavesOf(tree)].filter(
    ({ start, name }) => !shown.has(start) && !/^(length|count|size)$|(Length|Count)$/.test(name),
  );
  return hidden.map(({ path, start, end }) => `${path} at ${start} to ${end}: tshark shows nothing there`);
}

function* nodesOf(node: Annotation): Generator<Annotation> {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}
