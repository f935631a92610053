/**
 * RemoveRaftVoter (key 81): takes a controller's vote in the controllers' quorum away; it goes on as an observer if it still runs.
 * Sent to any broker, which forwards it, or to the active controller; needs ALTER on the cluster, and `kraft.version` 1.
 *
 * The answer comes when the change is committed. A controller that has removed itself then resigns.
 *
 * v0  flexible (KIP-853)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface RemoveRaftVoterRequest {
  /** The cluster's id, checked if given (INCONSISTENT_CLUSTER_ID); null for no check. The default, an empty string, is checked. */
  readonly clusterId: string | null;
  /** Node id of the voter. */
  readonly voterId: number;
  /** Id of the directory that holds its log: the pair names this very copy. Must not be all zero. */
  readonly voterDirectoryId: string;
}

export interface RemoveRaftVoterResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * VOTER_NOT_FOUND when the pair does not vote, REQUEST_TIMED_OUT also while another change is under way, UNSUPPORTED_VERSION for
   * a static quorum, NOT_LEADER_OR_FOLLOWER from a controller that is not the active one.
   */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<RemoveRaftVoterRequest> = struct((wire, it) => ({
  clusterId: wire.nullableString(it.clusterId, ""),
  voterId: wire.int32(it.voterId),
  voterDirectoryId: wire.uuid(it.voterDirectoryId),
}));

const response: Layout<RemoveRaftVoterResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const RemoveRaftVoter: Api<RemoveRaftVoterRequest, RemoveRaftVoterResponse> = defineApi({
  name: "RemoveRaftVoter",
  key: 81,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
