/**
 * ListGroups (key 16): the groups, of all kinds, that one broker coordinates. An administrator who wants those of the cluster
 * asks every broker. Groups that the client may not describe are left out.
 *
 * v0  the oldest version
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  flexible
 * v4  state of each group, and a filter by it (KIP-518)
 * v5  type of each group, and a filter by it (KIP-848)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface ListGroupsRequest {
  /** Only groups in one of these states, e.g. `Stable`; empty for all. */
  readonly statesFilter: readonly string[];
  /** Only groups of one of these types, e.g. `consumer`; empty for all. */
  readonly typesFilter: readonly string[];
}

export interface ListGroupsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** COORDINATOR_LOAD_IN_PROGRESS: the list would still have gaps, ask again. */
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

export interface ListedGroup {
  readonly groupId: string;
  /** What the members speak: `consumer`, `connect`, `share`, … Empty for a group that only stores offsets. */
  readonly protocolType: string;
  /** As the Describe request of the group's type names it, e.g. `Stable` or `Empty`. Empty before v4. */
  readonly groupState: string;
  /** `classic`, `consumer`, `share` or `streams`: which protocol drives the group. Empty before v5. */
  readonly groupType: string;
}

const request: Layout<ListGroupsRequest> = struct((wire, it) => ({
  statesFilter: wire.since(4).array(it.statesFilter, string),
  typesFilter: wire.since(5).array(it.typesFilter, string),
}));

const response: Layout<ListGroupsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  groups: wire.array(it.groups, group),
}));

const group: Layout<ListedGroup> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  protocolType: wire.string(it.protocolType),
  groupState: wire.since(4).ignorable.string(it.groupState),
  groupType: wire.since(5).ignorable.string(it.groupType),
}));

export const ListGroups: Api<ListGroupsRequest, ListGroupsResponse> = defineApi({
  name: "ListGroups",
  key: 16,
  versions: [0, 5],
  flexibleSince: 3,
  request,
  response,
});
