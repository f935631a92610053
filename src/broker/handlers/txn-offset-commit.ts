import {
  type ErrorName,
  TxnOffsetCommit,
  type TxnOffsetCommitPartition,
  type TxnOffsetCommitRequest,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf } from "../error-codes.ts";
import type { Group } from "../groups/groups.ts";
import type { OffsetCommitClaim } from "../groups/offset-access.ts";
import { commitAll, groupToCommitFor, refuseCommits, type WantedCommit } from "../groups/offset-commits.ts";
import type { RequestContext } from "../request-context.ts";

/** Producers before it stop at COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296). */
const FIRST_VERSION_THAT_CAN_WAIT = 2;
/** Producers before it know no other error for a consumer that lost its place in the group. */
const FIRST_VERSION_WITH_GROUP_ERRORS = 6;
const FIRST_VERSION_WITH_TOPIC_IDS = 6;

export const handler: Handler = defineHandler(TxnOffsetCommit, {
  faultScope: "partition",
  answer(request, context) {
    const { clock } = context.cluster;
    let group: Group | undefined;
    const results = commitAll(request.topics, context, {
      goesById: context.version >= FIRST_VERSION_WITH_TOPIC_IDS,
      decide(partitions) {
        const outcome = admittedGroup(request, partitions, context);
        if (typeof outcome === "string") return errorFor(outcome, context.version);
        group = outcome;
        return undefined;
      },
      commit({ topic, partition }: WantedCommit<TxnOffsetCommitPartition>) {
        group?.offsets.stage(request.producerId, topic.name, partition.partitionIndex, {
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata: partition.committedMetadata ?? "",
          committedAtMs: clock.now(),
        });
      },
    });
    return { topics: results.topics };
  },
  refuse(request, errorCode, { version }) {
    const isLoading = errorCode === codeOf("COORDINATOR_LOAD_IN_PROGRESS");
    const code = isLoading ? codeOf(errorFor("COORDINATOR_LOAD_IN_PROGRESS", version)) : errorCode;
    return { topics: refuseCommits(request.topics, code).topics };
  },
});

/** The transaction is asked before the group: a producer that is fenced learns that, whatever its consumer is. */
function admittedGroup(
  request: TxnOffsetCommitRequest,
  partitions: OffsetCommitClaim["partitions"],
  context: RequestContext,
): Group | ErrorName {
  const { cluster, node, version } = context;
  const { groupId, transactionalId, producerId, producerEpoch } = request;
  if (groupId === "") return "INVALID_GROUP_ID";
  const refusal =
    cluster.coordinators.refusal("group", groupId, node) ??
    cluster.transactions.admitOffsets({ transactionalId, producerId, producerEpoch, groupId, version });
  if (refusal !== undefined) return refusal;
  const { memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const claim = { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional: true, version, partitions };
  return groupToCommitFor(groupId, claim, context, "GROUP_ID_NOT_FOUND");
}

function errorFor(error: ErrorName, version: number): ErrorName {
  if (version < FIRST_VERSION_THAT_CAN_WAIT && error === "COORDINATOR_LOAD_IN_PROGRESS") return "COORDINATOR_NOT_AVAILABLE";
  const tellsOfGroup = error === "GROUP_ID_NOT_FOUND" || error === "STALE_MEMBER_EPOCH";
  return tellsOfGroup && version < FIRST_VERSION_WITH_GROUP_ERRORS ? "ILLEGAL_GENERATION" : error;
}
