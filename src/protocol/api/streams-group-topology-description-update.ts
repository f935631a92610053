/**
 * StreamsGroupTopologyDescriptionUpdate (key 93): hands the broker the whole processing graph of a Kafka Streams application, for
 * operators to look at with StreamsGroupDescribe. Sent to the group coordinator by a member that a heartbeat asked for it; from
 * Kafka 4.4 on, and only where a plugin on the broker keeps the graph.
 *
 * v0  flexible (KIP-1331)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface StreamsGroupTopologyDescriptionUpdateRequest {
  readonly groupId: string;
  /** The sender, who must be in the group. */
  readonly memberId: string;
  /** Version of the topology, as in the member's heartbeats. */
  readonly topologyEpoch: number;
  readonly topologyDescription: StreamsTopologyDescription;
}

export interface StreamsTopologyDescription {
  readonly subtopologies: readonly StreamsTopologyDescriptionSubtopology[];
  /** Stores that every process fills completely by itself. */
  readonly globalStores: readonly StreamsTopologyDescriptionGlobalStore[];
}

/** A connected part of the graph. */
export interface StreamsTopologyDescriptionSubtopology {
  /** Unique in the topology, as in the member's heartbeats. */
  readonly subtopologyId: string;
  readonly nodes: readonly StreamsTopologyDescriptionNode[];
}

/** A step that records go through. */
export interface StreamsTopologyDescriptionNode {
  /** Unique in the topology, e.g. "KSTREAM-SOURCE-0000000000". */
  readonly name: string;
  /** 1 source, 2 processor, 3 sink. */
  readonly nodeType: number;
  /** What a source reads; empty when that is a pattern, and for other nodes. */
  readonly sourceTopics: readonly string[];
  /** Where a sink writes; null when that depends on the record, and for other nodes. */
  readonly sinkTopic: string | null;
  /** The state stores that a processor uses; empty for other nodes. */
  readonly stores: readonly string[];
  /** Names of the nodes that it hands records to. The way back is not on the wire: it follows from this one. */
  readonly successors: readonly string[];
}

export interface StreamsTopologyDescriptionGlobalStore {
  /** Reads the topic behind the store. */
  readonly source: StreamsTopologyDescriptionNode;
  /** Writes what was read into the store. */
  readonly processor: StreamsTopologyDescriptionNode;
}

export interface StreamsGroupTopologyDescriptionUpdateResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * UNKNOWN_MEMBER_ID: join again, the group may be gone. STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: the plugin could not keep it;
   * wait until a heartbeat asks again. UNSUPPORTED_VERSION: the feature is off.
   */
  readonly errorCode: number;
  /** Null when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<StreamsGroupTopologyDescriptionUpdateRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.string(it.memberId),
  topologyEpoch: wire.int32(it.topologyEpoch),
  topologyDescription: wire.struct(it.topologyDescription, topologyDescription),
}));

const topologyDescription: Layout<StreamsTopologyDescription> = struct((wire, it) => ({
  subtopologies: wire.array(it.subtopologies, subtopology),
  globalStores: wire.array(it.globalStores, globalStore),
}));

const subtopology: Layout<StreamsTopologyDescriptionSubtopology> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  nodes: wire.array(it.nodes, node),
}));

const node: Layout<StreamsTopologyDescriptionNode> = struct((wire, it) => ({
  name: wire.string(it.name),
  nodeType: wire.int8(it.nodeType),
  sourceTopics: wire.array(it.sourceTopics, string),
  sinkTopic: wire.nullableString(it.sinkTopic),
  stores: wire.array(it.stores, string),
  successors: wire.array(it.successors, string),
}));

const globalStore: Layout<StreamsTopologyDescriptionGlobalStore> = struct((wire, it) => ({
  source: wire.struct(it.source, node),
  processor: wire.struct(it.processor, node),
}));

const response: Layout<StreamsGroupTopologyDescriptionUpdateResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

export const StreamsGroupTopologyDescriptionUpdate: Api<
  StreamsGroupTopologyDescriptionUpdateRequest,
  StreamsGroupTopologyDescriptionUpdateResponse
> = defineApi({
  name: "StreamsGroupTopologyDescriptionUpdate",
  key: 93,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
