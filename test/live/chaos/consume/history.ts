// What happened to a group, as its members saw it, and as it lies in Kafka's log of commits.

/** `topic-partition`. */
export type PartitionName = string;

/** By its listener; `taken` is revoked or lost. */
interface PartitionsEvent {
  readonly kind: "assigned" | "taken";
  readonly atMs: number;
  readonly partitions: readonly PartitionName[];
}

/** These records, both ends included, were given to its handler, or its handler has finished them. */
export interface RecordsEvent {
  readonly kind: "handed" | "done";
  readonly atMs: number;
  readonly partition: PartitionName;
  readonly first: number;
  readonly last: number;
}

/** It was told that so much is committed. */
export interface AcknowledgedEvent {
  readonly kind: "acknowledged";
  readonly atMs: number;
  readonly partition: PartitionName;
  readonly offset: number;
}

/** It noticed itself that something is not as it must be. */
interface WrongEvent {
  readonly kind: "wrong";
  readonly atMs: number;
  readonly what: string;
}

/** What a member did or was told. Times are those of the machine's clock (ms), by which brokers stamp commits, too. */
export type MemberEvent = PartitionsEvent | RecordsEvent | AcknowledgedEvent | WrongEvent;

/** One member, from its start to its end, however it ended. */
export interface MemberLife {
  readonly member: string;
  /** Records are handed out in order if their offsets are equal modulo this: 1 where a whole partition is kept in order. */
  readonly lanes: number;
  /** How it reads and commits. */
  readonly manner: string;
  readonly events: readonly MemberEvent[];
}

/** As it lies in the log. */
export interface StoredCommit {
  readonly offset: number;
  /** When the coordinator took it. */
  readonly atMs: number;
}

/** What somebody was told who asked what the group has committed. */
export interface ObservedCommit {
  readonly partition: PartitionName;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly offset: number;
}

export interface GroupHistory {
  readonly group: string;
  /** How many records each partition has; all of them were acknowledged, and none else was written. */
  readonly written: ReadonlyMap<PartitionName, number>;
  readonly lives: readonly MemberLife[];
  /** In the order of the log. */
  readonly commits: ReadonlyMap<PartitionName, readonly StoredCommit[]>;
  /** In the order in which it was asked. */
  readonly observed: readonly ObservedCommit[];
}
