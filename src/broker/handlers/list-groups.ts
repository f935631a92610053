import { type ListedGroup, ListGroups } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { CONSUMER_OFFSETS } from "../cluster/topics.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { CONSUMER_PROTOCOL_TYPE } from "../groups/classic/subscribed-topics.ts";
import type { Group } from "../groups/groups.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(ListGroups, {
  answer(request, context) {
    if (isStillLoading(context)) return { errorCode: codeOf("COORDINATOR_LOAD_IN_PROGRESS") };
    const hasState = filterOf(request.statesFilter.map((state) => state.trim()));
    const hasType = filterOf(request.typesFilter);
    const groups = coordinatedHere(context)
      .map(listed)
      .filter(({ groupState, groupType }) => hasState(groupState) && hasType(groupType));
    return { errorCode: NONE, groups };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function coordinatedHere({ cluster, node }: RequestContext): readonly Group[] {
  return [...cluster.groups].filter((group) => cluster.coordinators.find("group", group.id) === node);
}

/** A list with gaps would be worse than none. */
function isStillLoading({ cluster, node }: RequestContext): boolean {
  const partitions = cluster.topics.get(CONSUMER_OFFSETS)?.partitions ?? [];
  return partitions.some((partition) => partition.leaderId === node.id && cluster.coordinators.isLoading(partition));
}

/** Whoever asks for nothing in particular gets everything; upper and lower case are the same. */
function filterOf(wanted: readonly string[]): (word: string) => boolean {
  const words = new Set(wanted.map((word) => word.toLowerCase()));
  return (word) => words.size === 0 || words.has(word.toLowerCase());
}

function listed(group: Group): ListedGroup {
  const protocolType = group.protocol === "classic" ? (group.protocolType ?? "") : CONSUMER_PROTOCOL_TYPE;
  return { groupId: group.id, protocolType, groupState: group.state, groupType: group.protocol };
}
