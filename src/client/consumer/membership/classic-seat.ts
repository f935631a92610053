import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { MaxPollIntervalError } from "../../errors.ts";
import { assignorsOf, rebalanceProtocolOf } from "../../group/assignors/configured-assignors.ts";
import { ClassicMembership, type MembershipHost } from "../../group/classic/classic-membership.ts";
import { GroupCalls } from "../../group/classic/group-calls.ts";
import type { Runtime } from "../../runtime.ts";

export interface ClassicSeatInit {
  readonly groupId: string;
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly host: MembershipHost;
  readonly cluster: () => Cluster;
}

/** The membership that the options describe. */
export function classicMembership({ groupId, config, runtime, host, cluster }: ClassicSeatInit): ClassicMembership {
  const { groupInstanceId, sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = config;
  const strategies = config.partitionAssignmentStrategy;
  const { clock, random } = runtime;
  return new ClassicMembership({
    rules: {
      protocol: rebalanceProtocolOf(strategies),
      sessionTimeoutMs,
      heartbeatIntervalMs,
      maxPollIntervalMs,
      isStatic: groupInstanceId !== undefined,
      backoffMs: (failures) => backoffMs(failures, config, random),
      tooSlow: (awayMs) => new MaxPollIntervalError({ group: groupId, awayMs, maxPollIntervalMs }),
    },
    calls: new GroupCalls({ cluster, groupId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs: maxPollIntervalMs }),
    assignors: assignorsOf(strategies),
    rackId: config.clientRack,
    clock,
    host,
  });
}
