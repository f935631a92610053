/**
 * AddRaftVoter (key 80): gives a controller that runs as an observer a vote in the controllers' quorum. Sent to any broker, which
 * forwards it, or to the active controller; needs ALTER on the cluster, and `kraft.version` 1.
 *
 * The active controller asks the newcomer which versions it speaks and adds it only when it has caught up with the log.
 *
 * v0  flexible (KIP-853)
 * v1  an answer before the change is committed, for controllers that add themselves (KIP-1186)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AddRaftVoterRequest {
  /** The cluster's id, checked if given (INCONSISTENT_CLUSTER_ID); null for no check. The default, an empty string, is checked. */
  readonly clusterId: string | null;
  /** How long the change may take. Controllers up to Kafka 4.3 do not read it and go by a limit of their own. */
  readonly timeoutMs: number;
  /** Node id of the new voter. */
  readonly voterId: number;
  /** Id of the directory that holds its log: the pair names this very copy. Must not be all zero. */
  readonly voterDirectoryId: string;
  /** Where the other controllers find it; the listener that they use among themselves must be here. */
  readonly listeners: readonly AddRaftVoterListener[];
  /** True to be answered once the change is committed; false once the active controller has written it. */
  readonly ackWhenCommitted: boolean;
}

/** One of the new voter's addresses. */
export interface AddRaftVoterListener {
  /** The listener's name in the controller's configuration. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface AddRaftVoterResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * DUPLICATE_VOTER for a node id that votes already, REQUEST_TIMED_OUT also while another change is under way or the newcomer
   * lags, UNSUPPORTED_VERSION for a static quorum, NOT_LEADER_OR_FOLLOWER from a controller that is not the active one.
   */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<AddRaftVoterRequest> = struct((wire, it) => ({
  clusterId: wire.nullableString(it.clusterId, ""),
  timeoutMs: wire.int32(it.timeoutMs),
  voterId: wire.int32(it.voterId),
  voterDirectoryId: wire.uuid(it.voterDirectoryId),
  listeners: wire.array(it.listeners, listener),
  ackWhenCommitted: wire.since(1).boolean(it.ackWhenCommitted, true),
}));

const listener: Layout<AddRaftVoterListener> = struct((wire, it) => ({
  name: wire.string(it.name),
  host: wire.string(it.host),
  port: wire.uint16(it.port),
}));

const response: Layout<AddRaftVoterResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const AddRaftVoter: Api<AddRaftVoterRequest, AddRaftVoterResponse> = defineApi({
  name: "AddRaftVoter",
  key: 80,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
