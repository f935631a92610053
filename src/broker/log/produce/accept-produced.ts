import { type AcceptedBatch, type AppendRules, acceptBatch } from "./accepted-batch.ts";
import { acceptMessageSet } from "./message-set.ts";
import { firstBatch, onlyBatch } from "./received-batch.ts";

/** From this version of Produce on, only record batches of format 2 are taken. */
const BATCHES_ONLY_VERSION = 3;

/** @throws AppendRefusal */
export function acceptProduced(records: Uint8Array | null, version: number, rules: AppendRules): AcceptedBatch {
  const isMessageSet = version < BATCHES_ONLY_VERSION && records !== null && firstBatch(records)?.magic !== 2;
  return isMessageSet ? acceptMessageSet(records, rules) : acceptBatch(onlyBatch(records, version), rules);
}
