// Who takes part: producers of several kinds, as a seed draws their settings.

import type { ProducerOptions } from "../../../../src/index.ts";
import type { CompressionName } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { ProducerPromises } from "../../../support/records-checker/records-ledger.ts";
import type { SendStyle } from "./record-stream.ts";

export interface StreamRole {
  readonly name: string;
  readonly style: SendStyle;
  /** Of all records that streams send. */
  readonly share: number;
  readonly promises: ProducerPromises;
  readonly options: ProducerOptions;
  /** Waits as long as it takes, by the defaults. */
  readonly isPatient: boolean;
}

const CODECS: readonly CompressionName[] = ["none", "gzip", "snappy", "lz4", "zstd"];
const LINGERS_MS = [0, 0, 5, 20];
const BATCH_SIZES = [4096, 16_384, 16_384, 262_144];
const SMALL_BUFFER = 262_144;

export function streamRoles(dice: Dice): readonly StreamRole[] {
  const codecs = dice.some(CODECS, CODECS.length);
  const drawn = (index: number): ProducerOptions => ({
    compression: codecs[index % codecs.length],
    lingerMs: dice.pick(LINGERS_MS),
    batchSize: dice.pick(BATCH_SIZES),
  });
  return [
    { name: "callbacks", style: "produce", share: 0.4, promises: {}, options: drawn(0), isPatient: true },
    // So small that it is full in every blow.
    {
      name: "callbacks-little-memory",
      style: "produce",
      share: 0.28,
      promises: {},
      options: { ...drawn(1), batchSize: 16_384, bufferMemory: SMALL_BUFFER, maxRequestSize: SMALL_BUFFER },
      isPatient: true,
    },
    { name: "promises", style: "send", share: 0.2, promises: {}, options: drawn(2), isPatient: true },
    // Hears of a list only when all of it is answered.
    { name: "lists", style: "sendBatch", share: 0.06, promises: { answersInOrder: false }, options: drawn(3), isPatient: true },
    // Its records fail in every blow, and it must say rightly of which nothing is in the log.
    {
      name: "impatient",
      style: "send",
      share: 0.03,
      promises: {},
      options: { ...drawn(4), lingerMs: 0, requestTimeoutMs: 700, deliveryTimeoutMs: 1500, maxBlockMs: 1000 },
      isPatient: false,
    },
    // Held to little, it shows that the blows are hard enough to double and reorder.
    {
      name: "not-idempotent",
      style: "produce",
      share: 0.03,
      promises: { idempotent: false },
      options: { ...drawn(5), enableIdempotence: false, requestTimeoutMs: 1000 },
      isPatient: false,
    },
  ];
}

/** Of transactional producers. One of both times is so short that coordinators abort what a blow delays. */
export function transactionalOptions(dice: Dice): ProducerOptions {
  return {
    compression: dice.pick(CODECS),
    lingerMs: dice.pick(LINGERS_MS),
    transactionTimeoutMs: dice.pick([6000, 60_000]),
  };
}
