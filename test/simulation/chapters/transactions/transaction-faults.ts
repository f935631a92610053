// What goes wrong with those who coordinate transactions and groups.

import { type ErrorName, isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";

/** All ids that anybody uses. */
export const TRANSACTIONAL_IDS = ["copier", "counter"] as const;

export function groupOf(transactionalId: string): string {
  return `readers-for-${transactionalId}`;
}

/** From it on leaders add partitions by themselves (KIP-890). */
export const FIRST_RELEASE_WITHOUT_ADDING: KafkaRelease = "4.0";
const NOT_FOR_NOW: readonly ErrorName[] = ["UNKNOWN_TOPIC_OR_PARTITION", "CONCURRENT_TRANSACTIONS", "COORDINATOR_NOT_AVAILABLE"];

/** T4: because of one, none of the others in its request is added either. */
export const partitionNotAdded: FaultKind = {
  name: "partition not added",
  weight: 3,
  strike: ({ broker, scenario, injectedErrors }, dice) => {
    const places = broker.topics
      .filter(({ name }) => !name.startsWith("__") && !scenario.topicNames.includes(name))
      .flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
    if (places.length === 0 || isSince(scenario.release, FIRST_RELEASE_WITHOUT_ADDING)) return undefined;
    const fault = { ...dice.pick(places), error: dice.pick(NOT_FOR_NOW), times: dice.between(1, 4) };
    injectedErrors.add(fault.error);
    const struck = broker.faults.failNext({ ...fault, api: "AddPartitionsToTxn" });
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  },
};

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
  partitionNotAdded,
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
