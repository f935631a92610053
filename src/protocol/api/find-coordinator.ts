/**
 * FindCoordinator (key 10): which broker keeps a group's, a transactional producer's or a share partition's state. Any broker
 * answers.
 *
 * The first one who asks on a new cluster makes the broker create the internal topic that holds this state; until that is
 * done the answer is COORDINATOR_NOT_AVAILABLE. A coordinator that answers NOT_COORDINATOR later on has moved: ask again.
 *
 * v0  groups only
 * v1  key type, for transactions (KIP-98); throttle time (KIP-124) and error message in the answer
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  flexible
 * v4  many keys of one type at once (KIP-699)
 * v5  as v4; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 * v6  as v5; coordinators of share partitions (KIP-932)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `keyType` of a group, of whatever protocol: the key is the group id. */
export const GROUP_COORDINATOR = 0;
/** `keyType` of a transactional producer: the key is the transactional id. */
export const TRANSACTION_COORDINATOR = 1;
/** `keyType` of a share partition: the key is `groupId:topicId:partition`. Only brokers ask for it; a share group is a group. */
export const SHARE_COORDINATOR = 2;

export interface FindCoordinatorRequest {
  /** The group or transactional id, up to v3; then `coordinatorKeys`. */
  readonly key: string;
  /** What the keys are: 0 group ids, 1 transactional ids, 2 share partitions. */
  readonly keyType: number;
  /** The group ids, transactional ids or share partitions, from v4 on. */
  readonly coordinatorKeys: readonly string[];
}

/** Up to v3 the fields after the throttle time are the answer, from v4 on `coordinators` is. */
export interface FindCoordinatorResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Up to v3, as `errorCode` of a `FoundCoordinator`. */
  readonly errorCode: number;
  /** Up to v3. More about the error, null for nothing to add; brokers say `NONE` on success. */
  readonly errorMessage: string | null;
  /** The coordinator up to v3, -1 on errors. */
  readonly nodeId: number;
  /** Up to v3. Empty on errors. */
  readonly host: string;
  /** Up to v3. -1 on errors. */
  readonly port: number;
  /** One for each of `coordinatorKeys`. */
  readonly coordinators: readonly FoundCoordinator[];
}

export interface FoundCoordinator {
  /** One of `coordinatorKeys`. */
  readonly key: string;
  /** The coordinator, -1 on errors. */
  readonly nodeId: number;
  /** Empty on errors. */
  readonly host: string;
  /** -1 on errors. */
  readonly port: number;
  /** COORDINATOR_NOT_AVAILABLE: try again. GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED: in vain. */
  readonly errorCode: number;
  /** More about the error; null or empty for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<FindCoordinatorRequest> = struct((wire, it) => ({
  key: wire.until(3).string(it.key),
  keyType: wire.since(1).int8(it.keyType, GROUP_COORDINATOR),
  coordinatorKeys: wire.since(4).array(it.coordinatorKeys, string),
}));

const response: Layout<FindCoordinatorResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.until(3).int16(it.errorCode),
  errorMessage: wire.since(1).until(3).ignorable.nullableString(it.errorMessage, ""),
  nodeId: wire.until(3).int32(it.nodeId),
  host: wire.until(3).string(it.host),
  port: wire.until(3).int32(it.port),
  coordinators: wire.since(4).array(it.coordinators, coordinator),
}));

const coordinator: Layout<FoundCoordinator> = struct((wire, it) => ({
  key: wire.string(it.key),
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const FindCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = defineApi({
  name: "FindCoordinator",
  key: 10,
  versions: [0, 6],
  flexibleSince: 3,
  request,
  response,
});
