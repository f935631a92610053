import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { Fate, TransactionalProducer } from "./transactional-producer.ts";

const MOST_RECORDS = 150;
const MOST_PAUSE_MS = 80;

const FATES: readonly { readonly fate: Fate; readonly weight: number }[] = [
  { fate: "commit", weight: 89 },
  { fate: "abort", weight: 9 },
  { fate: "vanish", weight: 2 },
];

export function drawFate(dice: Dice): Fate {
  return dice.weighted(FATES).fate;
}

/** Writes over several topics in transactions, until it is over. */
export async function writeTransactions(
  producer: TransactionalProducer,
  { topics, dice, isOver }: { readonly topics: readonly LedgerTopic[]; readonly dice: Dice; readonly isOver: () => boolean },
): Promise<void> {
  while (!isOver()) {
    const records = Array.from({ length: dice.between(1, MOST_RECORDS) }, () => {
      const topic = dice.pick(topics);
      return { topic, partition: dice.integer(topic.partitions) };
    });
    await producer.transact({ records }, drawFate(dice));
    await pause(dice.integer(MOST_PAUSE_MS));
  }
}

/** One more record to every partition of a topic, committed for certain; their numbers. Whoever has read them has read all. */
export async function writeLast(producer: TransactionalProducer, topic: LedgerTopic): Promise<readonly number[]> {
  const records = Array.from({ length: topic.partitions }, (_, partition) => ({ topic, partition }));
  for (;;) {
    const { end, ids } = await producer.transact({ records }, "commit");
    if (end === "committed") return ids;
  }
}
