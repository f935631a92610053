/** In whose name offsets are committed and asked for. */
export interface GroupIdentity {
  readonly groupId: string;
  /** The classic group's generation, or the member's epoch (KIP-848); -1 for somebody who is no member. */
  readonly generationId: number;
  /** Empty for somebody who is no member. */
  readonly memberId: string;
  /** The name of a static member; null for any other, also for a consumer that has such a name but assigns its partitions itself. */
  readonly groupInstanceId: string | null;
  /** By which protocol it is a member; the coordinator of a `consumer` group also checks who asks for offsets. */
  readonly protocol?: "classic" | "consumer";
}

const NO_GENERATION = -1;

/** Of somebody who uses a group's offsets, and is no member: the coordinator agrees as long as the group has no members. */
export function outsiderOf(groupId: string): GroupIdentity {
  return Object.freeze({ groupId, generationId: NO_GENERATION, memberId: "", groupInstanceId: null });
}

export function isMember({ generationId, memberId }: GroupIdentity): boolean {
  return generationId > NO_GENERATION || memberId !== "";
}

export function isSameIdentity(one: GroupIdentity, other: GroupIdentity): boolean {
  return (
    one === other ||
    (one.groupId === other.groupId &&
      one.generationId === other.generationId &&
      one.memberId === other.memberId &&
      one.groupInstanceId === other.groupInstanceId &&
      one.protocol === other.protocol)
  );
}
