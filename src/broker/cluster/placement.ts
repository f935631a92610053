/** Who can hold a replica. */
export interface ReplicaHolder {
  readonly id: number;
  readonly rack: string | null;
  readonly isRunning: boolean;
}

/**
 * Which nodes hold a topic's replicas, begun at another node for every topic and every partition so that leaders spread evenly.
 * The replicas of a partition go to as many racks as there are, and to nodes that run before those that do not, so that somebody
 * leads. Kafka does it with chance; a test that needs a certain placement gives one.
 */
export function placeReplicas(
  nodes: readonly ReplicaHolder[],
  partitions: number,
  replicationFactor: number,
  startIndex: number,
): readonly (readonly number[])[] {
  const [running, stopped] = [nodes.filter(({ isRunning }) => isRunning), nodes.filter(({ isRunning }) => !isRunning)];
  const [racksOfRunning, racksOfStopped] = [racksOf(running), racksOf(stopped)];
  return Array.from({ length: partitions }, (_, partition) => {
    const turn = startIndex + partition;
    return [...inTurn(racksOfRunning, turn), ...inTurn(racksOfStopped, turn)].slice(0, replicationFactor);
  });
}

/** All of these nodes: one of each rack, then the next of each rack, and so on. */
function inTurn(racks: readonly (readonly number[])[], turn: number): readonly number[] {
  const ids: number[] = [];
  const rounds = Math.max(0, ...racks.map((rack) => rack.length));
  const firstNode = Math.floor(turn / Math.max(1, racks.length));
  for (let round = 0; round < rounds; round++) {
    for (let offset = 0; offset < racks.length; offset++) {
      const rack = racks[(turn + offset) % racks.length]!;
      if (round < rack.length) ids.push(rack[(firstNode + round) % rack.length]!);
    }
  }
  return ids;
}

/** Node ids by rack; those without a rack share one. */
function racksOf(nodes: readonly ReplicaHolder[]): readonly (readonly number[])[] {
  const racks = new Map<string | null, number[]>();
  for (const { id, rack } of nodes) {
    const ids = racks.get(rack);
    if (ids === undefined) racks.set(rack, [id]);
    else ids.push(id);
  }
  return [...racks.values()];
}
