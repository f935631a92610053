import { TopicConfigs } from "../configs/topic-configs.ts";
import { PartitionLog } from "../log/partition-log.ts";
import type { Cluster } from "./cluster.ts";
import { LeaderConfigs } from "./leader-configs.ts";
import { Partition } from "./partition.ts";

export class Topic {
  readonly name: string;
  /** In Kafka's spelling. A topic that is deleted and made again is another one. */
  readonly id: string;
  readonly isInternal: boolean;
  readonly configs: TopicConfigs;
  readonly #cluster: Cluster;
  readonly #partitions: Partition[] = [];

  constructor(
    cluster: Cluster,
    init: {
      readonly name: string;
      readonly id: string;
      readonly isInternal: boolean;
      readonly configs: ReadonlyMap<string, string>;
    },
  ) {
    this.#cluster = cluster;
    this.name = init.name;
    this.id = init.id;
    this.isInternal = init.isInternal;
    this.configs = new TopicConfigs(cluster.configs, new Map(init.configs));
  }

  /** By index, without gaps. */
  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  partition(index: number): Partition | undefined {
    return this.#partitions[index];
  }

  get replicationFactor(): number {
    return this.#partitions[0]?.replicas.length ?? 0;
  }

  /** Adds the next partition on these nodes; the first of them that runs leads it. */
  addPartition(replicas: readonly number[]): Partition {
    const index = this.#partitions.length;
    // A broker's own defaults count for the partitions that it leads.
    const leader = new LeaderConfigs(this.#cluster, () => partition.leaderId);
    const log = new PartitionLog({
      name: `${this.name}-${index}`,
      configs: this.configs.under(leader),
      brokerConfigs: leader,
      clock: this.#cluster.clock,
    });
    const partition: Partition = new Partition(this, index, log, replicas);
    partition.elect((id) => this.#cluster.node(id)?.isRunning === true);
    this.#partitions.push(partition);
    return partition;
  }
}
