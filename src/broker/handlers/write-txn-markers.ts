import { type Draft, type ErrorName, type TxnMarker, type TxnMarkerResult, WriteTxnMarkers } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { CONSUMER_OFFSETS } from "../cluster/topics.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { AppendRefusal } from "../log/append-refusal.ts";
import type { RequestContext } from "../request-context.ts";

/**
 * Our own coordinators end transactions without this request: here come administrators, who abort one that nobody else will
 * (KIP-664). The state of the transactional id is not touched.
 */
export const handler: Handler = defineHandler(WriteTxnMarkers, {
  faultScope: "partition",
  answer: ({ markers }, context) => ({
    markers: markers
      .filter(namesPartitions)
      .map((marker) => resultOf(marker, (topic, partition) => written(marker, topic, partition, context))),
  }),
  refuse: ({ markers }, errorCode) => ({ markers: markers.map((marker) => resultOf(marker, () => errorCode)) }),
});

/** A marker for no partition has no result, as in Kafka. */
function namesPartitions({ topics }: TxnMarker): boolean {
  return topics.some(({ partitionIndexes }) => partitionIndexes.length > 0);
}

function resultOf(
  { producerId, topics }: TxnMarker,
  codeFor: (topic: string, partition: number) => number,
): Draft<TxnMarkerResult> {
  return {
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode: codeFor(name, partitionIndex) })),
    })),
  };
}

function written(marker: TxnMarker, topic: string, partition: number, context: RequestContext): number {
  const fault = context.faultAt(topic, partition);
  if (fault !== undefined && !fault.afterApply) return fault.errorCode;
  const error = write(marker, topic, partition, context);
  return fault?.errorCode ?? (error === undefined ? NONE : codeOf(error));
}

function write(marker: TxnMarker, topic: string, index: number, { cluster, node }: RequestContext): ErrorName | undefined {
  const { producerId, producerEpoch, coordinatorEpoch, transactionVersion, transactionResult: committed } = marker;
  const type = committed ? "COMMIT" : "ABORT";
  const partition = cluster.topics.get(topic)?.partition(index);
  if (partition === undefined || !partition.replicas.includes(node.id)) return "UNKNOWN_TOPIC_OR_PARTITION";
  if (partition.leaderId !== node.id) return "NOT_LEADER_OR_FOLLOWER";
  if (topic === CONSUMER_OFFSETS) {
    cluster.groups.completeTransaction(producerId, committed);
    return undefined;
  }
  return appended(() => partition.log.appendEndMarker({ producerId, producerEpoch, type, coordinatorEpoch, transactionVersion }));
}

function appended(append: () => void): ErrorName | undefined {
  try {
    append();
    return undefined;
  } catch (error) {
    if (error instanceof AppendRefusal) return error.errorName;
    throw error;
  }
}
