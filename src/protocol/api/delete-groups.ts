/**
 * DeleteGroups (key 42): removes groups of any kind, with their committed offsets. Administrators send it to the coordinator of
 * these groups; a group must be without members.
 *
 * v0  the oldest version (KIP-229)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  flexible
 * v3  error message for each group (KIP-1331)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DeleteGroupsRequest {
  /** Ids of the groups. */
  readonly groupsNames: readonly string[];
}

export interface DeleteGroupsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly results: readonly DeleteGroupsResult[];
}

/** What became of one group. */
export interface DeleteGroupsResult {
  readonly groupId: string;
  /** NON_EMPTY_GROUP: it still has members. GROUP_DELETION_FAILED: what belongs to a streams group could not be removed. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<DeleteGroupsRequest> = struct((wire, it) => ({
  groupsNames: wire.array(it.groupsNames, string),
}));

const response: Layout<DeleteGroupsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, result),
}));

const result: Layout<DeleteGroupsResult> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(3).ignorable.nullableString(it.errorMessage),
}));

export const DeleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = defineApi({
  name: "DeleteGroups",
  key: 42,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
