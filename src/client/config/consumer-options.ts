import type { TopicPartition, TopicPartitionOffset } from "../consumer/topic-partition.ts";
import type { GroupMember, TopicRacks } from "../group/assignors/assignor.ts";
import type { Deserializer } from "../serializers/serializer.ts";
import type { ConnectionConfig, ConnectionOptions } from "./common-options.ts";
import type { SecurityConfig, SecurityOptions } from "./security-options.ts";
import type { Resolved } from "./setting.ts";

export type AssignorName = "range" | "roundrobin" | "sticky" | "cooperative-sticky";

/** A strategy of one's own: the name that the members of a group agree on, and how whoever leads them assigns. */
export interface CustomAssignor {
  readonly name: string;
  /**
   * `cooperative`: members keep while they join what they had, so that nothing may be given to anybody that another one still owns. All
   * strategies have to be, or the members are `eager`, the default: they let go of everything first.
   */
  readonly rebalanceProtocol?: "eager" | "cooperative" | undefined;
  /** What this member tells whoever leads, each time it joins: `assign` finds it as its `userData`. Without it nothing. */
  userData?(topics: ReadonlySet<string>): Uint8Array | null;
  /** What each member gets, by its id. No partition may be given twice; those who are left out get nothing. */
  assign(topics: TopicRacks, members: readonly GroupMember[]): ReadonlyMap<string, readonly TopicPartition[]>;
}

export type OffsetReset = "earliest" | "latest" | "none" | { readonly durationMs: number };

/** Is told how a commit ended, and what it was to commit. */
export type OffsetCommitCallback = (offsets: readonly TopicPartitionOffset[], error: Error | undefined) => void;

/** Options that only consumers have. */
export interface ConsumerOnlyOptions<K = unknown, V = unknown> {
  /** The group whose members share the partitions and the commits; without it there is neither. */
  readonly groupId?: string | undefined;
  /** The name of a static member, who keeps its partitions through a restart (KIP-345). */
  readonly groupInstanceId?: string | undefined;
  /** Who assigns partitions: the members (`'classic'`), the broker (`'consumer'`, KIP-848), or the broker if it can (`'auto'`). */
  readonly groupProtocol?: "classic" | "consumer" | "auto" | undefined;
  /** The broker's assignor to ask for with groupProtocol `'consumer'`. */
  readonly groupRemoteAssignor?: string | undefined;
  /** The strategies that the members of a classic group may agree on, the preferred one first. */
  readonly partitionAssignmentStrategy?: AssignorName | CustomAssignor | readonly (AssignorName | CustomAssignor)[] | undefined;
  /** How long a member may be silent before its group goes on without it. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How often a member tells its coordinator that it lives. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** How long a member may take between two calls of `poll()` before it leaves its group. */
  readonly maxPollIntervalMs?: number | undefined;
  /** How many records one `poll()` gives at most. */
  readonly maxPollRecords?: number | undefined;
  /** Where to begin without a committed offset, or when it is out of range: at one end, so long ago, or with an error (`'none'`). */
  readonly autoOffsetReset?: OffsetReset | "smallest" | "beginning" | "largest" | "end" | "error" | undefined;
  /** Whether what was handed out is committed from time to time; the default is true with a groupId. */
  readonly enableAutoCommit?: boolean | undefined;
  /** How often that is. */
  readonly autoCommitIntervalMs?: number | undefined;
  /** Is told how each commit without a callback of its own ended. */
  readonly defaultOffsetCommitCallback?: OffsetCommitCallback | undefined;
  /** Turns keys from bytes; without it they stay bytes. */
  readonly keyDeserializer?: Deserializer<K> | undefined;
  /** Turns values from bytes; without it they stay bytes. */
  readonly valueDeserializer?: Deserializer<V> | undefined;
  /** How many bytes a broker waits for before it answers a fetch. */
  readonly fetchMinBytes?: number | undefined;
  /** How long it waits for them; up to 4000 while nothing comes, unless this is set, or fetchMinBytes is more than 1. */
  readonly fetchMaxWaitMs?: number | undefined;
  /** How many bytes a broker answers a fetch with; a first batch that is larger comes all the same. */
  readonly fetchMaxBytes?: number | undefined;
  /** How many of them for one partition; a first batch that is larger comes all the same. */
  readonly maxPartitionFetchBytes?: number | undefined;
  /** Whether records of open and aborted transactions are handed out too. */
  readonly isolationLevel?: "read_uncommitted" | "read_committed" | undefined;
  /** Whether the checksum of every batch is verified. */
  readonly checkCrcs?: boolean | undefined;
  /** Where this client is, so that it may read from a replica nearby (KIP-392), and assignors may give it partitions that have one (KIP-881). */
  readonly clientRack?: string | undefined;
  /** After how long without a record iterating ends; Infinity, or a negative number, never ends it. */
  readonly consumerTimeoutMs?: number | undefined;
  /** Whether a regular expression leaves Kafka's own topics out. */
  readonly excludeInternalTopics?: boolean | undefined;
  /** Whether a topic that does not exist may be created by naming it to subscribe; what fits a pattern is never made again. */
  readonly allowAutoCreateTopics?: boolean | undefined;
  /** Whether a fetch only says what changed since the last one (KIP-227). */
  readonly enableIncrementalFetchSessions?: boolean | undefined;
}

/** Options of a Consumer. */
export interface ConsumerOptions<K = Uint8Array | null, V = Uint8Array | null>
  extends ConnectionOptions,
    SecurityOptions,
    ConsumerOnlyOptions<K, V> {}

export type ConsumerOnlyConfig = Resolved<
  ConsumerOnlyOptions,
  {
    readonly groupId: string | undefined;
    readonly groupInstanceId: string | undefined;
    readonly groupRemoteAssignor: string | undefined;
    readonly partitionAssignmentStrategy: readonly (AssignorName | CustomAssignor)[];
    readonly autoOffsetReset: OffsetReset;
    readonly defaultOffsetCommitCallback: OffsetCommitCallback | undefined;
    readonly keyDeserializer: Deserializer<unknown> | undefined;
    readonly valueDeserializer: Deserializer<unknown> | undefined;
  }
>;

/** What every option of a Consumer is, whether it was given or not. */
export type ParsedConsumerConfig = ConnectionConfig & SecurityConfig & ConsumerOnlyConfig;

/** A Consumer's options after parsing: no gaps, and frozen. */
export type ResolvedConsumerConfig = ParsedConsumerConfig & {
  /** What `fetchMaxWaitMs` grows to while nothing comes. */
  readonly fetchIdleWaitMs: number;
};
