import type { JournalEntry } from "../../../../src/broker/index.ts";
import type { ProduceRequest } from "../../../../src/protocol/index.ts";

/** A batch as it came to a broker. */
export interface WrittenBatch {
  /** As requests name it: by its name or by its id. */
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly header: DataView;
}

/** Of a transaction of version 1: its partition is added before it leaves. */
export interface TransactionalBatch {
  readonly transaction: string;
  readonly place: string;
  readonly baseSequence: number;
}

/** From it on, leaders add partitions by themselves (KIP-890). */
const FIRST_PRODUCE_THAT_ADDS = 12;
/** In the header of a batch. */
const HEADER_BYTES = 61;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;

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

function isProducing(body: unknown): body is ProduceRequest {
  return typeof body === "object" && body !== null && "topicData" in body;
}

/** What an entry asks to have written. */
export function transactionalBatches({ kind, api, version = 0, body }: JournalEntry): readonly TransactionalBatch[] {
  if (api !== "Produce" || kind !== "request" || version >= FIRST_PRODUCE_THAT_ADDS) return [];
  if (!isProducing(body) || body.transactionalId === null) return [];
  return writtenBatches(body).map(({ topic, partition, header }) => ({
    transaction: transactionOf(header.getBigInt64(PRODUCER_ID_AT), header.getInt16(PRODUCER_EPOCH_AT)),
    place: placeOf(topic, partition),
    baseSequence: header.getInt32(BASE_SEQUENCE_AT),
  }));
}

export function transactionOf(producerId: bigint, producerEpoch: number): string {
  return `producer ${producerId} in epoch ${producerEpoch}`;
}

export function placeOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
