/** Which broker to ask what any broker can answer. */
import type { Clock } from "../async/clock.ts";
import type { ConnectionPool } from "../connection/connection-pool.ts";
import type { ClusterBroker } from "./metadata-snapshot.ts";

export interface Choosing {
  readonly pool: Pick<ConnectionPool, "open" | "backoffMs">;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The lower, the better; compared one after the other. */
type Cost = readonly [state: number, load: number];

const CONNECTED = 0;
const NOT_CONNECTED = 1;
const THROTTLED = 2;
const BACKING_OFF = 3;

/**
 * The connected broker with the fewest requests on their way; else one that can be connected to now; else one that will take requests
 * soonest. Among equals chance decides, so that a thousand clients do not all ask the first.
 */
export function leastLoaded(
  brokers: Iterable<ClusterBroker>,
  { pool, clock, random }: Choosing,
  isExcluded: (broker: ClusterBroker) => boolean = () => false,
): ClusterBroker | undefined {
  let best: ClusterBroker | undefined;
  let bestCost: Cost = [Number.POSITIVE_INFINITY, 0];
  let equals = 0;
  for (const broker of brokers) {
    if (isExcluded(broker)) continue;
    const cost = costOf(broker, pool, clock);
    const order = cost[0] - bestCost[0] || cost[1] - bestCost[1];
    equals = order < 0 ? 1 : equals + 1;
    if (order > 0 || (order === 0 && random() * equals >= 1)) continue;
    best = broker;
    bestCost = cost;
  }
  return best;
}

function costOf(broker: ClusterBroker, pool: Choosing["pool"], clock: Clock): Cost {
  const connection = pool.open(broker, "main");
  if (connection !== undefined) {
    const throttledMs = connection.throttledUntilMs - clock.monotonic();
    return throttledMs > 0 ? [THROTTLED, throttledMs] : [CONNECTED, connection.inFlight];
  }
  const waitMs = pool.backoffMs(broker, "main");
  return waitMs > 0 ? [BACKING_OFF, waitMs] : [NOT_CONNECTED, 0];
}
