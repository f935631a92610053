/**
 * User data of Java's two sticky assignors, inside a subscription. `sticky` carries what the member held and in which
 * generation; `cooperative-sticky` carries the generation alone, because the subscription itself tells the owned partitions.
 */
import { decodePart, encodeParts } from "../frame/codec.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { int32, type Layout, struct } from "../wire/wire.ts";

/** The generation of a member that has not been in any. */
export const NO_GENERATION = -1;

export interface StickyUserData {
  readonly previousAssignment: readonly StickyTopicPartitions[];
  /** The generation of that assignment, -1 when it is not known (very old members do not send it). */
  readonly generation: number;
}

export interface StickyTopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const topicPartitions: Layout<StickyTopicPartitions> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

/** The older form, without a generation, is called version 0 here; it has no number on the wire. */
const stickyUserData: Layout<StickyUserData> = struct((wire, it) => ({
  previousAssignment: wire.array(it.previousAssignment, topicPartitions),
  generation: wire.since(1).int32(it.generation, NO_GENERATION),
}));

const cooperativeStickyUserData: Layout<{ readonly generation: number }> = struct((wire, it) => ({
  generation: wire.int32(it.generation, NO_GENERATION),
}));

const subject = { api: "StickyAssignorUserData", kind: "blob" };

export function encodeStickyUserData(value: StickyUserData): Uint8Array {
  return encodeParts(0, subject, [{ layout: stickyUserData, version: 1, flexible: false, value }]);
}

/** Reads both forms. */
export function decodeStickyUserData(bytes: Uint8Array): StickyUserData {
  try {
    return decodePart({ layout: stickyUserData, version: 1, flexible: false }, subject, bytes, 0, true).value;
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return decodePart({ layout: stickyUserData, version: 0, flexible: false }, subject, bytes, 0, true).value;
  }
}

export function encodeCooperativeStickyUserData(generation: number): Uint8Array {
  return encodeParts(0, subject, [{ layout: cooperativeStickyUserData, version: 0, flexible: false, value: { generation } }]);
}

/** The generation that a cooperative-sticky member was in. */
export function decodeCooperativeStickyUserData(bytes: Uint8Array): number {
  return decodePart({ layout: cooperativeStickyUserData, version: 0, flexible: false }, subject, bytes, 0, true).value.generation;
}
