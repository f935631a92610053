/** What all nodes of an embedded cluster share: one process, so one truth, and nothing to replicate. */

import type { KafkaRelease, VersionRange } from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import { BrokerConfigs } from "../configs/broker-configs.ts";
import { GroupConfigs } from "../configs/group-configs.ts";
import { Groups } from "../groups/groups.ts";
import type { Handlers } from "../load-handlers.ts";
import type { Random } from "../random.ts";
import type { Users } from "../security/users.ts";
import { Transactions } from "../transactions/transactions.ts";
import type { BrokerNode } from "./broker-node.ts";
import { Coordinators } from "./coordinators.ts";
import { Features } from "./features.ts";
import { ProducerIds } from "./producer-ids.ts";
import { servedVersions } from "./served-versions.ts";
import { Topics } from "./topics.ts";

export interface ClusterInit {
  readonly clock: Clock;
  readonly random: Random;
  readonly release: KafkaRelease;
  readonly users: Users;
  /** Broker configuration that differs from Kafka's defaults. */
  readonly configs: ReadonlyMap<string, string>;
  /** The APIs that the nodes answer; without them no request is served. */
  readonly handlers?: Handlers;
}

export class Cluster {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Which Kafka this cluster plays. */
  readonly release: KafkaRelease;
  readonly users: Users;
  /** Cluster-wide broker configuration: defaults, what the cluster was started with, what clients changed. */
  readonly configs: BrokerConfigs;
  /** What clients set for single groups. */
  readonly groupConfigs: GroupConfigs;
  readonly features: Features;
  readonly producerIds: ProducerIds;
  readonly topics: Topics;
  readonly coordinators: Coordinators;
  readonly groups: Groups;
  readonly transactions: Transactions;
  /** The APIs that the nodes answer, by key. */
  readonly handlers: Handlers;
  /** The versions of them that are answered, by key. */
  readonly #served: ReadonlyMap<number, VersionRange>;
  readonly #nodes = new Map<number, BrokerNode>();

  constructor({ clock, random, release, users, configs, handlers = new Map() }: ClusterInit) {
    this.handlers = handlers;
    this.#served = servedVersions(release, handlers);
    this.id = random.uuid();
    this.clock = clock;
    this.random = random;
    this.release = release;
    this.users = users;
    this.configs = new BrokerConfigs(configs, release);
    this.groupConfigs = new GroupConfigs(this.configs);
    this.features = new Features(release);
    // Where leaders may be eligible without being in sync (KIP-966), the controller keeps the least number of replicas for the cluster.
    if (this.features.level("eligible.leader.replicas.version") > 0) {
      this.configs.dynamic.set("min.insync.replicas", this.configs.string("min.insync.replicas"));
    }
    this.producerIds = new ProducerIds();
    this.topics = new Topics(this);
    this.coordinators = new Coordinators(this);
    this.groups = new Groups(this);
    this.transactions = new Transactions(this);
  }

  /** The versions of an API that are answered; undefined when it is not. */
  served(apiKey: number): VersionRange | undefined {
    return this.#served.get(apiKey);
  }

  addNode(node: BrokerNode): void {
    this.#nodes.set(node.id, node);
  }

  /** By ascending id, the stopped ones too. */
  get nodes(): readonly BrokerNode[] {
    return [...this.#nodes.values()];
  }

  get runningNodes(): readonly BrokerNode[] {
    return this.nodes.filter((node) => node.isRunning);
  }

  node(id: number): BrokerNode | undefined {
    return this.#nodes.get(id);
  }

  /** The first node that runs: controllers have no connections of their own here. */
  get controllerId(): number {
    return this.runningNodes[0]?.id ?? -1;
  }

  /** After a node came or went: leaders and in-sync replicas follow. */
  electLeaders(): void {
    for (const topic of this.topics) {
      for (const partition of topic.partitions) partition.elect((id) => this.node(id)?.isRunning === true);
    }
  }

  /** Stops whatever waits or is scheduled. */
  close(): void {
    this.groups.close();
    this.transactions.close();
    for (const topic of this.topics) for (const partition of topic.partitions) partition.log.close();
  }
}
