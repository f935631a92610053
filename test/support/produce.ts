// Requests that tests make often.

import { type Draft, type ProduceRequest, RecordBatch } from "../../src/protocol/index.ts";

export interface ProducedPlace {
  readonly topicId: string;
  readonly partition?: number;
}

/** A batch with these values. */
export function batchOf(...values: readonly string[]): Uint8Array {
  return RecordBatch.encode({ records: values.map((value) => ({ value, timestamp: 1_700_000_000_000 })) });
}

/** A Produce request (version 13) with one batch for each place. */
export function produceRequest(places: readonly ProducedPlace[], ...values: readonly string[]): Draft<ProduceRequest> {
  return {
    acks: -1,
    timeoutMs: 1000,
    topicData: places.map(({ topicId, partition = 0 }) => ({
      topicId,
      partitionData: [{ index: partition, records: batchOf(...values) }],
    })),
  };
}
