import type { Deadline } from "../async/deadline.ts";
import type { BackoffSettings } from "../cluster/backoff.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** What a request to leaders works with. */
export interface LeaderContext extends BackoffSettings {
  readonly cluster: Cluster;
  readonly deadline: Deadline;
  readonly requestTimeoutMs: number;
  readonly random: () => number;
}

/** How long a broker may work on a request: as long as we would wait for its answer. */
export function brokerTimeoutMs({ deadline, requestTimeoutMs }: Pick<LeaderContext, "deadline" | "requestTimeoutMs">): number {
  return Math.floor(Math.min(deadline.leftMs, requestTimeoutMs));
}
