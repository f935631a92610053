import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import type { GroupMember } from "../assignor.ts";
import type { KnownPartitions } from "../partitions.ts";
import type { Claims } from "./claims.ts";
import type { RackView } from "./rack-view.ts";

/** What is to be shared among whom. */
export interface Sharing {
  readonly known: KnownPartitions;
  /** In the order of Java's tables. */
  readonly members: readonly GroupMember[];
  readonly claims: Claims;
  readonly racks: RackView;
}

export interface Shared {
  readonly assignment: ReadonlyMap<string, TopicPartition[]>;
  /** What somebody else may still hold: who gives it back at once may have it kept until then. Undefined when nobody has looked. */
  readonly moving: ReadonlyMap<TopicPartition, string> | undefined;
}
