import type { Producer } from "../../../../src/index.ts";

/** What of a producer is used here. */
export type ChaosProducer = Pick<
  Producer,
  | "produce"
  | "ready"
  | "send"
  | "sendBatch"
  | "flush"
  | "initTransactions"
  | "beginTransaction"
  | "sendOffsetsToTransaction"
  | "commitTransaction"
  | "abortTransaction"
  | "metrics"
  | "close"
>;
