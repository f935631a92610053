import { IllegalStateError } from "../../errors.ts";
import type { ConsumerGroupMetadata, OffsetToCommit } from "./transaction-scope.ts";

const CALL = "sendOffsetsToTransaction";

/** The group as an object. @throws IllegalStateError for what no group could be */
export function groupMetadataFrom(group: ConsumerGroupMetadata | string): ConsumerGroupMetadata {
  const metadata = typeof group === "string" ? { groupId: group } : group;
  if (typeof metadata !== "object" || metadata === null)
    throw problem("the group must be its id, or what consumer.groupMetadata() gives");
  const { groupId, generationId, memberId, groupInstanceId } = metadata;
  if (typeof groupId !== "string" || groupId === "") throw problem("the group must have an id");
  if (generationId !== undefined && !(Number.isInteger(generationId) && generationId >= -1)) {
    throw problem(`generationId must be a whole number, not ${String(generationId)}`);
  }
  if (memberId !== undefined && typeof memberId !== "string") throw problem("memberId must be a string");
  if (groupInstanceId !== undefined && groupInstanceId !== null && typeof groupInstanceId !== "string") {
    throw problem("groupInstanceId must be a string");
  }
  if (generationId !== undefined && generationId >= 0 && (memberId ?? "") === "") {
    throw problem(`generationId ${generationId} needs the memberId that it belongs to`);
  }
  return metadata;
}

/** @throws IllegalStateError for offsets that could not be committed */
export function checkOffsets(offsets: readonly OffsetToCommit[]): void {
  if (!Array.isArray(offsets)) throw problem("the offsets must be a list of { topic, partition, offset }");
  const places = new Set<string>();
  for (const { topic, partition, offset, leaderEpoch, metadata } of offsets) {
    if (typeof topic !== "string" || topic === "") throw problem("every offset must have a topic");
    if (!(Number.isInteger(partition) && partition >= 0)) throw problem(`topic '${topic}': ${String(partition)} is no partition`);
    const place = `topic '${topic}' partition ${partition}`;
    if (!(Number.isSafeInteger(offset) && offset >= 0)) throw problem(`${place}: ${String(offset)} is no offset`);
    if (leaderEpoch !== undefined && !(Number.isInteger(leaderEpoch) && leaderEpoch >= -1)) {
      throw problem(`${place}: ${String(leaderEpoch)} is no leader epoch`);
    }
    if (metadata !== undefined && typeof metadata !== "string") throw problem(`${place}: metadata must be a string`);
    if (places.has(place)) throw problem(`${place} has two offsets`);
    places.add(place);
  }
}

function problem(what: string): IllegalStateError {
  return new IllegalStateError(`${CALL}: ${what}`);
}
