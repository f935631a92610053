import type { KafkaError } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import type { BrokerError } from "../../errors.ts";
import type { RebalanceNews } from "../../group/rebalance-news.ts";
import type { Runtime } from "../../runtime.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { GroupIdentity } from "../commit/group-identity.ts";
import type { MembershipMetrics } from "../metrics/membership-metrics.ts";
import type { TopicPartition } from "../topic-partition.ts";

/** In whose name a member commits. */
export type Standing = Pick<GroupIdentity, "memberId" | "generationId" | "protocol">;

/** A place in a group, by one of the protocols. */
export interface Seat {
  /** As the coordinator knows it; empty for somebody who is none. */
  readonly memberId: string;
  /** Undefined for somebody who is none, or while the coordinator takes no commits. */
  readonly standing: Standing | undefined;
  /** Somebody reads. */
  read(): void;
  /** Other topics are subscribed to. */
  resubscribed(): void;
  /** The user wants the group to come together again, for whatever reason. Who does so already, or is none yet, goes on with that. */
  enforceRebalance(reason: string): void;
  /** There is another view of the cluster. */
  learned(cluster: Cluster): void;
  /** A commit in its present name. */
  commitRefused(error: BrokerError, generationId: number): void;
  /**
   * Resolves when the coordinator knows, or at the deadline. Never rejects. `leaveGroup` as in `ConsumerCloseOptions`: undefined where the
   * kind of member decides.
   */
  leave(deadline: Deadline, leaveGroup: boolean | undefined): Promise<void>;
  /** Nothing is asked or told any more. */
  close(): void;
}

/** Whose place it is. */
export interface SeatHolder {
  /** What is subscribed to. */
  topics(): Iterable<string>;
  /** What the coordinator is to match topics by; undefined for nothing. */
  pattern(): string | undefined;
  held(): readonly AssignedPartition[];
  cluster(): Cluster;
  watchAlso(topics: ReadonlySet<string>): void;
  /** Resolves when the user has been told that these go, which they do then. Never rejects. */
  letGo(gone: readonly AssignedPartition[]): Promise<void>;
  /** The same for all but these; and then these are held, and the user is told. Resolves to whether something went. Never rejects. */
  bringTo(partitions: readonly TopicPartition[]): Promise<boolean>;
  /** Others have what is held, or are about to. */
  stopDelivering(because: string): void;
  /** Nobody knows whether what is held is others' by now: nothing is handed out until then. */
  holdBack(until: Promise<void>): void;
  /** When (monotonic) somebody has read last, as far as is known; now, if he is waiting to. */
  lastReadMs(): number;
  /** Whoever reads next is told. */
  raise(error: KafkaError): void;
  /** For who watches. */
  rebalance(news: RebalanceNews, protocol: Standing["protocol"]): void;
}

export interface SeatInit {
  readonly groupId: string;
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: Pick<Telemetry, "warning">;
  readonly holder: SeatHolder;
  readonly metrics: MembershipMetrics | undefined;
}
