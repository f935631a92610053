/**
 * What the leader of a classic consumer group gives to each member: it travels in the `assignment` of SyncGroup. Versions 0 to 3
 * are alike on the wire; the number only follows that of the subscription.
 */
import { type Draft, int32, type Layout, struct } from "../wire/wire.ts";
import { decodeBlob, encodeBlob, type VersionedBlob } from "./versioned-blob.ts";

export const LATEST_ASSIGNMENT_VERSION = 3;

export interface Assignment {
  readonly assignedPartitions: readonly AssignedTopicPartitions[];
  /** From the assignor to the member. */
  readonly userData: Uint8Array | null;
}

export interface AssignedTopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const assignment: Layout<Assignment> = struct((wire, it) => ({
  assignedPartitions: wire.array(it.assignedPartitions, topicPartitions),
  userData: wire.nullableBytes(it.userData),
}));

const topicPartitions: Layout<AssignedTopicPartitions> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

export const assignmentBlob: VersionedBlob<Assignment> = {
  name: "ConsumerProtocolAssignment",
  latestVersion: LATEST_ASSIGNMENT_VERSION,
  layout: assignment,
};

export function encodeAssignment(value: Draft<Assignment>, version: number = LATEST_ASSIGNMENT_VERSION): Uint8Array {
  return encodeBlob(assignmentBlob, version, value);
}

export function decodeAssignment(bytes: Uint8Array): { version: number; value: Assignment } {
  return decodeBlob(assignmentBlob, bytes);
}
