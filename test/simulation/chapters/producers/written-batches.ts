import type { ProduceRequest } from "../../../../src/protocol/index.ts";

/** A batch as it came to a broker. */
export interface WrittenBatch {
  /** As requests name it: by its name or by its id. */
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly header: DataView;
}

const HEADER_BYTES = 61;

/** @param body of a Produce request, as a journal has it */
export function writtenBatches(body: unknown): readonly WrittenBatch[] {
  if (!isProducing(body)) return [];
  return body.topicData.flatMap(({ name, topicId, partitionData }) =>
    partitionData.flatMap(({ index: partition, records }) => {
      if (records === null || records.length < HEADER_BYTES) return [];
      const header = new DataView(records.buffer, records.byteOffset, records.length);
      return { topic: name === "" ? topicId : name, partition, bytes: records, header };
    }),
  );
}

export function isProducing(body: unknown): body is ProduceRequest {
  return typeof body === "object" && body !== null && "topicData" in body;
}
