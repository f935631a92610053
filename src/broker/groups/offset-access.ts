/** What a group has to know to say whether somebody may commit or fetch its offsets. */
export interface OffsetCommitClaim {
  /** Empty for somebody who is no member. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Negative for somebody who is no member. */
  readonly generationIdOrMemberEpoch: number;
  readonly isTransactional: boolean;
  readonly version: number;
  /** What is to be committed: a consumer group lets a member with an older epoch commit for what it has had since then. */
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface OffsetFetchClaim {
  readonly memberId: string;
  readonly memberEpoch: number;
}
