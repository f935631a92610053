import { describe, expect, it } from "vitest";
import { placeReplicas, type ReplicaHolder } from "./placement.ts";

function nodes(racks: readonly (string | null)[], stopped: readonly number[] = []): readonly ReplicaHolder[] {
  return racks.map((rack, index) => ({ id: index + 1, rack, isRunning: !stopped.includes(index + 1) }));
}

describe("placement of replicas", () => {
  it("begins each partition at the next node, so that leaders spread evenly", () => {
    expect(placeReplicas(nodes([null, null, null]), 4, 2, 0)).toEqual([
      [1, 2],
      [2, 3],
      [3, 1],
      [1, 2],
    ]);
  });

  it("begins the next topic at another node", () => {
    expect(placeReplicas(nodes([null, null, null]), 1, 1, 1)).toEqual([[2]]);
  });

  it("puts the replicas of a partition into different racks while there are some", () => {
    const cluster = nodes(["a", "a", "b", "b"]);
    const rackOf = new Map(cluster.map(({ id, rack }) => [id, rack]));
    for (const replicas of placeReplicas(cluster, 8, 2, 3)) expect(new Set(replicas.map((id) => rackOf.get(id))).size).toBe(2);
  });

  it("lets every node lead, however uneven the racks are", () => {
    const leaders = placeReplicas(nodes(["a", "a", "b"]), 12, 1, 0).map(([leader]) => leader);
    expect(new Set(leaders)).toEqual(new Set([1, 2, 3]));
  });

  it("never names a node twice, nor fewer nodes than wanted", () => {
    for (const replicas of placeReplicas(nodes(["a", "b", "b", "b", null]), 20, 5, 7)) expect(new Set(replicas).size).toBe(5);
  });

  it("takes nodes that do not run only after those that do", () => {
    expect(placeReplicas(nodes([null, null, null], [1]), 2, 3, 0)).toEqual([
      [2, 3, 1],
      [3, 2, 1],
    ]);
  });
});
