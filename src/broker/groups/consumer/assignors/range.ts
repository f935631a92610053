import type { Assignor, AssignorGroup, AssignorMember, Collected } from "./assignor.ts";

/** How one topic is cut: contiguous pieces of the same length, the first ones longer by one where it does not come out even. */
class Cut {
  readonly #partitionCount: number;
  readonly #pieceLength: number;
  #longerPieces: number;
  #next = 0;

  constructor(partitionCount: number, pieces: number) {
    this.#partitionCount = partitionCount;
    this.#pieceLength = Math.floor(partitionCount / pieces);
    this.#longerPieces = partitionCount % pieces;
  }

  nextPiece(): Set<number> {
    const length = this.#pieceLength + (this.#longerPieces-- > 0 ? 1 : 0);
    const start = this.#next;
    this.#next = Math.min(start + length, this.#partitionCount);
    return new Set(Array.from({ length: this.#next - start }, (_, index) => start + index));
  }
}

/**
 * `range`: every topic by itself, in pieces, to its subscribers in the order of their names. Topics with as many partitions are
 * cut alike, so that their partitions can be joined. Not sticky.
 */
export const assignRanges: Assignor = (group) => {
  const cuts = cutTopics(group);
  const target = new Map<string, Collected>();
  for (const { memberId, subscribedTopicIds } of inOrderOfNames(group.members)) {
    const collected: Collected = new Map();
    for (const topicId of subscribedTopicIds) {
      const piece = cuts.get(topicId)?.nextPiece();
      if (piece !== undefined && piece.size > 0) collected.set(topicId, piece);
    }
    target.set(memberId, collected);
  }
  return target;
};

function cutTopics({ members, partitionCountOf }: AssignorGroup): ReadonlyMap<string, Cut> {
  const subscribers = new Map<string, number>();
  for (const { subscribedTopicIds } of members) {
    for (const topicId of subscribedTopicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  return new Map(Array.from(subscribers, ([topicId, count]) => [topicId, new Cut(partitionCountOf(topicId), count)]));
}

/** Static members first, so that they keep their pieces when dynamic ones come and go. */
function inOrderOfNames(members: readonly AssignorMember[]): readonly AssignorMember[] {
  return [...members].sort((one, other) => {
    if (one.instanceId !== null && other.instanceId !== null) return compareNames(one.instanceId, other.instanceId);
    if (one.instanceId !== null) return -1;
    if (other.instanceId !== null) return 1;
    return compareNames(one.memberId, other.memberId);
  });
}

function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
