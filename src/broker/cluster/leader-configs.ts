import { ConfigReader } from "../configs/config-definition.ts";
import type { Cluster } from "./cluster.ts";

/** The configuration of whichever node leads at the moment, or the cluster's while none does. */
export class LeaderConfigs extends ConfigReader {
  readonly #cluster: Cluster;
  readonly #leaderId: () => number;

  constructor(cluster: Cluster, leaderId: () => number) {
    super();
    this.#cluster = cluster;
    this.#leaderId = leaderId;
  }

  override get(name: string): string | null | undefined {
    const leader = this.#cluster.node(this.#leaderId());
    return (leader?.configs ?? this.#cluster.configs).get(name);
  }
}
