// What goes wrong with those who coordinate transactions and groups.

import type { FaultKind } from "../../faults/fault-kind.ts";

/** All ids that anybody uses. */
export const TRANSACTIONAL_IDS = ["copier", "counter"] as const;

export function groupOf(transactionalId: string): string {
  return `readers-for-${transactionalId}`;
}

export const transactionFaults: readonly FaultKind[] = [
  {
    name: "coordinator moves",
    weight: 4,
    strike: ({ broker }, dice) => {
      const id = dice.pick(TRANSACTIONAL_IDS);
      const [kind, key] = dice.chance(0.7) ? (["transaction", id] as const) : (["group", groupOf(id)] as const);
      const loadingMs = dice.pick([0, 100, 2000]);
      for (const { id: node } of dice.some(broker.nodes, broker.nodes.length)) {
        try {
          if (broker.coordinatorOf(kind, key) === node) continue;
          broker.moveCoordinator(kind, key, node, { loadingMs });
          return { text: `node ${node} coordinates ${kind} ${key}, after ${loadingMs} ms` };
        } catch {
          // That node has no replica of it, or is down: the next one may.
        }
      }
      return undefined;
    },
  },
  {
    name: "coordinator loads",
    weight: 2,
    strike: ({ broker }, dice) => {
      const id = dice.pick(TRANSACTIONAL_IDS);
      const loadingMs = dice.pick([100, 1000, 5000]);
      broker.loadCoordinator("transaction", id, loadingMs);
      return { text: `for ${loadingMs} ms that of ${id}` };
    },
  },
  {
    name: "markers are slow",
    weight: 3,
    strike: ({ broker }, dice) => {
      const ms = dice.pick([10, 200, 3000]);
      broker.transactionMarkerDelayMs = ms;
      const end = (): void => {
        broker.transactionMarkerDelayMs = 0;
      };
      return { text: `${ms} ms`, end };
    },
  },
];
