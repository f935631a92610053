import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Target } from "../../cluster/target.ts";

/** What a call works with. */
export interface GroupContext {
  readonly cluster: Cluster;
  readonly deadline: Deadline;
}

export function coordinatorOf(groupId: string): Target {
  return { kind: "coordinator", type: "group", key: groupId };
}
