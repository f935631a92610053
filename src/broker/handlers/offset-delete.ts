import { type ErrorName, OffsetDelete, type OffsetDeleteRequest, ZERO_UUID } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { CONSUMER_PROTOCOL_TYPE } from "../groups/classic/subscribed-topics.ts";
import type { Group } from "../groups/groups.ts";
import { PartitionResults } from "../groups/partition-results.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(OffsetDelete, {
  answer(request, context) {
    const group = reachableGroup(request, context);
    if (typeof group === "string") return { errorCode: codeOf(group) };
    const results = new PartitionResults();
    const existing: [topic: string, partition: number][] = [];
    for (const { name, partitions } of request.topics) {
      const topic = context.cluster.topics.get(name);
      for (const { partitionIndex } of partitions) {
        if (topic?.partition(partitionIndex) !== undefined) existing.push([name, partitionIndex]);
        else results.add({ name, topicId: ZERO_UUID }, partitionIndex, codeOf("UNKNOWN_TOPIC_OR_PARTITION"));
      }
    }
    for (const [name, partition] of existing) {
      const isSpared = group.isSubscribedTo(name);
      if (!isSpared) group.offsets.delete(name, partition);
      results.add({ name, topicId: ZERO_UUID }, partition, isSpared ? codeOf("GROUP_SUBSCRIBED_TO_TOPIC") : NONE);
    }
    return { topics: results.topics.map(({ name, partitions }) => ({ name, partitions })) };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

/** What members that are no consumers read, nobody here can tell. */
function reachableGroup({ groupId }: OffsetDeleteRequest, { cluster, node }: RequestContext): Group | ErrorName {
  if (groupId === "") return "INVALID_GROUP_ID";
  const refusal = cluster.coordinators.refusal("group", groupId, node);
  if (refusal !== undefined) return refusal;
  const group = cluster.groups.get(groupId);
  if (group === undefined) return "GROUP_ID_NOT_FOUND";
  const isOpaque = group.protocol === "classic" && !group.isEmpty && group.protocolType !== CONSUMER_PROTOCOL_TYPE;
  return isOpaque ? "NON_EMPTY_GROUP" : group;
}
