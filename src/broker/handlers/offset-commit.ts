import {
  BROKER_OFFSET_RETENTION,
  type ErrorName,
  isSince,
  OffsetCommit,
  type OffsetCommitPartition,
  type OffsetCommitRequest,
  usesZooKeeper,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf } from "../error-codes.ts";
import type { Group } from "../groups/groups.ts";
import type { OffsetCommitClaim } from "../groups/offset-access.ts";
import { commitAll, groupToCommitFor, refuseCommits, type WantedCommit } from "../groups/offset-commits.ts";
import type { RequestContext } from "../request-context.ts";

/** Up to this version offsets go to ZooKeeper, past the group and its coordinator. */
const LAST_VERSION_WITH_ZOOKEEPER = 0;
/** Clients before it do not expect GROUP_ID_NOT_FOUND. */
const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND = 9;
const FIRST_VERSION_WITH_TOPIC_IDS = 10;
/** The coordinator before it knew the version, but not yet the error. */
const FIRST_RELEASE_WITH_NEW_COORDINATOR = "4.0";

export const handler: Handler = defineHandler(OffsetCommit, {
  faultScope: "partition",
  answer(request, context) {
    if (context.version <= LAST_VERSION_WITH_ZOOKEEPER) return commitToZooKeeper(request, context);
    let group: Group | undefined;
    const results = commitAll(request.topics, context, {
      goesById: context.version >= FIRST_VERSION_WITH_TOPIC_IDS,
      decide(partitions) {
        const outcome = admittedGroup(request, partitions, context);
        if (typeof outcome === "string") return outcome;
        group = outcome;
        if (group.protocol === "classic") group.committed(request.memberId);
        return undefined;
      },
      commit(wanted: WantedCommit<OffsetCommitPartition>) {
        group?.offsets.commit(wanted.topic.name, wanted.partition.partitionIndex, offsetOf(wanted.partition, request, context));
      },
    });
    return { topics: results.topics };
  },
  refuse: (request, errorCode) => ({ topics: refuseCommits(request.topics, errorCode).topics }),
});

function commitToZooKeeper(request: OffsetCommitRequest, context: RequestContext) {
  const { cluster } = context;
  if (!usesZooKeeper(cluster.release)) {
    return { topics: refuseCommits(request.topics, codeOf("UNSUPPORTED_VERSION")).topics };
  }
  const results = commitAll(request.topics, context, {
    goesById: false,
    // No path in ZooKeeper can lack a part.
    decide: () => (request.groupId === "" ? "UNKNOWN_SERVER_ERROR" : undefined),
    commit({ topic, partition: { partitionIndex, committedOffset } }) {
      cluster.groups.zooKeeperOffsets.commit(request.groupId, topic.name, partitionIndex, committedOffset);
    },
  });
  return { topics: results.topics };
}

function admittedGroup(
  request: OffsetCommitRequest,
  partitions: OffsetCommitClaim["partitions"],
  context: RequestContext,
): Group | ErrorName {
  const { cluster, node, version } = context;
  const refusal = cluster.coordinators.refusal("group", request.groupId, node);
  if (refusal !== undefined) return refusal;
  const { memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const claim = { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional: false, version, partitions };
  const knowsNoGroup =
    version >= FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND && isSince(cluster.release, FIRST_RELEASE_WITH_NEW_COORDINATOR);
  const errorWithoutGroup = knowsNoGroup ? "GROUP_ID_NOT_FOUND" : "ILLEGAL_GENERATION";
  return groupToCommitFor(request.groupId, claim, context, errorWithoutGroup);
}

function offsetOf(partition: OffsetCommitPartition, { retentionTimeMs }: OffsetCommitRequest, { cluster }: RequestContext) {
  const nowMs = cluster.clock.now();
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? "",
    committedAtMs: partition.commitTimestamp < 0 ? nowMs : partition.commitTimestamp,
    ...(retentionTimeMs !== BROKER_OFFSET_RETENTION && { expiresAtMs: nowMs + retentionTimeMs }),
  };
}
