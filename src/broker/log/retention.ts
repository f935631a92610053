import type { TopicConfigs } from "../configs/topic-configs.ts";
import type { Segments } from "./segments.ts";

/** How many of the oldest segments are no longer kept (`retention.ms`, `retention.bytes`). */
export function expiredSegments(segments: Segments, configs: TopicConfigs, nowMs: number): number {
  if (!configs.list("cleanup.policy").includes("delete")) return 0;
  return Math.max(overSize(segments, configs.int("retention.bytes")), overAge(segments, configs.int("retention.ms"), nowMs));
}

/** How many of the oldest segments have no record left that could be read. */
export function deletedSegments(segments: Segments, logStartOffset: number): number {
  return countFirst(segments, (index) => segments.all[index]!.nextOffset <= logStartOffset);
}

/** The log stays at least as large as it may be: a segment goes when what is left without it is still enough. */
export function overSize(segments: Segments, retentionBytes: number): number {
  if (retentionBytes < 0) return 0;
  let surplus = segments.sizeInBytes - retentionBytes;
  return countFirst(segments, (index) => {
    surplus -= segments.all[index]!.size;
    return surplus >= 0;
  });
}

function overAge(segments: Segments, retentionMs: number, nowMs: number): number {
  if (retentionMs < 0) return 0;
  return countFirst(segments, (index) => nowMs - segments.all[index]!.largestTimestamp > retentionMs);
}

function countFirst(segments: Segments, isExpired: (index: number) => boolean): number {
  let count = 0;
  while (count < segments.all.length && isExpired(count)) count++;
  return count;
}
