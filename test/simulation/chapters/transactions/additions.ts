import type { JournalEntry } from "../../../../src/broker/index.ts";
import type { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from "../../../../src/protocol/index.ts";
import { placeOf, transactionOf } from "../producers/written-batches.ts";

/** A partition that is part of a transaction. */
export interface Addition {
  readonly transaction: string;
  readonly place: string;
}

/** What coordinators were asked to add, and have added. */
export class Additions {
  readonly #asked = new Map<string, AddPartitionsToTxnRequest>();

  /** What is added from this entry on. */
  heard({ kind, api, connection = 0, correlationId = 0, body }: JournalEntry): readonly Addition[] {
    if (api !== "AddPartitionsToTxn") return [];
    const exchange = `${connection}/${correlationId}`;
    if (kind === "request" && isAdding(body)) this.#asked.set(exchange, body);
    const request = this.#asked.get(exchange);
    return kind === "response" && isAdded(body) && request !== undefined ? additionsOf(request, body) : [];
  }
}

function additionsOf(
  { v3AndBelowProducerId: producerId, v3AndBelowProducerEpoch: producerEpoch }: AddPartitionsToTxnRequest,
  { resultsByTopicV3AndBelow }: AddPartitionsToTxnResponse,
): readonly Addition[] {
  const transaction = transactionOf(producerId, producerEpoch);
  return resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
    resultsByPartition
      .filter(({ partitionErrorCode }) => partitionErrorCode === 0)
      .map(({ partitionIndex }) => ({ transaction, place: placeOf(name, partitionIndex) })),
  );
}

function isAdding(body: unknown): body is AddPartitionsToTxnRequest {
  return typeof body === "object" && body !== null && "v3AndBelowTopics" in body;
}

function isAdded(body: unknown): body is AddPartitionsToTxnResponse {
  return typeof body === "object" && body !== null && "resultsByTopicV3AndBelow" in body;
}
