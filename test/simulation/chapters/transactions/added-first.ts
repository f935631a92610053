import type { Checker } from "../../checkers/checker.ts";
import { transactionalBatches } from "../producers/written-batches.ts";
import { Additions } from "./additions.ts";

/**
 * Brokers do not always notice: before Kafka 3.6 none of them did, and such a batch stayed open for ever. That a partition was added
 * under the same epoch counts, be it for an earlier transaction: what arrives late belongs to that.
 */
export const addedFirst: Checker = {
  rule: "a batch of a transaction leaves when the coordinator has said that its partition is part of it",
  watch: (world) => {
    const additions = new Additions();
    const added = new Set<string>();
    return {
      onEntry: (entry) => {
        for (const { transaction, place } of additions.heard(entry)) added.add(`${place} of ${transaction}`);
        for (const { transaction, place } of transactionalBatches(entry)) {
          const text = `${place} of ${transaction}`;
          const { clientId = "", connection = 0 } = entry;
          if (!added.has(text)) world.violate(addedFirst.rule, `${clientId}: what came on connection ${connection} for ${text}`);
        }
      },
    };
  },
};
