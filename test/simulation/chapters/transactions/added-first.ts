import type { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import { isProducing, writtenBatches } from "../producers/written-batches.ts";

/** From it on, leaders add partitions by themselves (KIP-890). */
const FIRST_PRODUCE_THAT_ADDS = 12;
/** In the header of a batch. */
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;

/**
 * Brokers do not always notice: before Kafka 3.6 none of them did, and such a batch stayed open for ever. That a partition was added
 * under the same epoch counts, be it for an earlier transaction: what arrives late belongs to that.
 */
export const addedFirst: Checker = {
  rule: "a batch of a transaction leaves when the coordinator has said that its partition is part of it",
  watch: (world) => {
    const asked = new Map<string, AddPartitionsToTxnRequest>();
    const added = new Set<string>();
    return {
      onEntry: ({ kind, api, version = 0, connection = 0, correlationId = 0, clientId, body }) => {
        const exchange = `${connection}/${correlationId}`;
        if (api === "AddPartitionsToTxn" && kind === "request" && isAdding(body)) asked.set(exchange, body);
        if (api === "AddPartitionsToTxn" && kind === "response" && isAdded(body)) {
          const request = asked.get(exchange);
          if (request !== undefined) for (const place of placesAdded(request, body)) added.add(place);
        }
        if (api !== "Produce" || kind !== "request" || version >= FIRST_PRODUCE_THAT_ADDS || !isProducing(body)) return;
        if (body.transactionalId === null) return;
        for (const { topic, partition, header } of writtenBatches(body)) {
          const place = placeOf(topic, partition, header.getBigInt64(PRODUCER_ID_AT), header.getInt16(PRODUCER_EPOCH_AT));
          if (!added.has(place)) world.violate(addedFirst.rule, `${clientId}: what came on connection ${connection} for ${place}`);
        }
      },
    };
  },
};

function placesAdded(
  { v3AndBelowProducerId: producerId, v3AndBelowProducerEpoch: producerEpoch }: AddPartitionsToTxnRequest,
  { resultsByTopicV3AndBelow }: AddPartitionsToTxnResponse,
): readonly string[] {
  return resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
    resultsByPartition
      .filter(({ partitionErrorCode }) => partitionErrorCode === 0)
      .map(({ partitionIndex }) => placeOf(name, partitionIndex, producerId, producerEpoch)),
  );
}

function placeOf(topic: string, partition: number, producerId: bigint, producerEpoch: number): string {
  return `${topic}-${partition} of producer ${producerId} in epoch ${producerEpoch}`;
}

function isAdding(body: unknown): body is AddPartitionsToTxnRequest {
  return typeof body === "object" && body !== null && "v3AndBelowTopics" in body;
}

function isAdded(body: unknown): body is AddPartitionsToTxnResponse {
  return typeof body === "object" && body !== null && "resultsByTopicV3AndBelow" in body;
}
