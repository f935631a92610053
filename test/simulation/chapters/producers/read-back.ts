// What lies in the logs when everything is over.

import { RecordsChecker, type Verdict } from "../../../support/records-checker/records-checker.ts";
import type { LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { World } from "../../world/world.ts";
import { type DecidedLog, decidedLog, NO_TRANSACTION_HANGS } from "./decided-log.ts";
import type { LateBatches } from "./late-batches.ts";
import type { RecordBook } from "./record-book.ts";

/** Reads all logs of the book's topics to their ends, and holds them against what producers were told. */
export async function readBack(world: World, book: RecordBook, late: LateBatches): Promise<Verdict> {
  const checker = new RecordsChecker(book.ledger);
  for (const topic of book.topics) {
    const partitions = world.broker.topics.find(({ name }) => name === topic.name)?.partitions ?? [];
    for (const [partition, { leaderId }] of partitions.entries()) {
      const log = await decidedLog(world, late, { topic: topic.name, partition, node: leaderId });
      readLog(world, checker, topic, partition, log);
    }
  }
  return checker.verdict();
}

function readLog(world: World, checker: RecordsChecker, topic: LedgerTopic, partition: number, log: DecidedLog): void {
  const { found, batches, hanging } = log;
  if (found.errorCode !== 0) throw new Error(`reading ${topic.name}-${partition} is answered with error ${found.errorCode}`);
  if (hanging !== undefined) world.violate(NO_TRANSACTION_HANGS, hanging);
  for (const { batch, fate, isLate } of batches) {
    // What came late can be part of another transaction, whose producer could not help it.
    const isShown = fate === "committed" && !isLate;
    for (const { offset, value } of batch.records()) {
      checker.saw("uncommitted", topic, partition, Number(offset), value ?? new Uint8Array());
      if (isShown) checker.saw("committed", topic, partition, Number(offset), value ?? new Uint8Array());
    }
  }
}
