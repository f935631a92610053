// Consume, transform, produce in transactions, on three real nodes: three levels of groups, each of another kind, whose members are
// processes that are killed and stopped, while nodes are killed and frozen. `npm run etl -- --real` does it with 500,000 records.

import { expect, it, onTestFinished } from "vitest";
import { checksOf, figuresOf } from "../etl/etl-report.ts";
import { runEtl } from "../etl/etl-run.ts";
import { RealGround } from "../etl/real-ground.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";

const PATIENT_MS = 300_000;
const RECORDS = { count: 20_000, keys: 500 };
const SEED = 1;

it.skipIf(!isRealKafkaAvailable({ own: true }))(
  "what is consumed, transformed and produced over three levels is there once, in order, while members and nodes are killed",
  { timeout: PATIENT_MS },
  async () => {
    const ground = await RealGround.start();
    onTestFinished(() => ground.close());
    const protocols = ["range", "cooperative-sticky", "consumer"] as const;
    const result = await runEtl(ground, { seed: SEED, records: RECORDS, protocols, acts: 6, blows: 2 });
    console.info(figuresOf(result).join("\n"));
    expect(checksOf(result).filter(({ isKept }) => !isKept)).toEqual([]);
    expect(result.blows).toBe(2);
  },
);
