/**
 * DescribeCluster (key 60): the nodes of the cluster and its id. Administrators send it to any broker, or to a controller of a
 * KRaft cluster, which tells of the controllers; producers and consumers learn the brokers from Metadata.
 *
 * v0  flexible; the oldest version (KIP-700)
 * v1  brokers or controllers (KIP-919)
 * v2  fenced brokers on request (KIP-1073)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `endpointType` that asks a broker for the brokers. */
export const DESCRIBE_CLUSTER_BROKERS = 1;
/** `endpointType` that asks a controller for the controllers. */
export const DESCRIBE_CLUSTER_CONTROLLERS = 2;
/** `clusterAuthorizedOperations` when nobody asked for them. */
export const DESCRIBE_CLUSTER_OPERATIONS_NOT_ASKED = -0x8000_0000;

export interface DescribeClusterRequest {
  /** Whether the answer shall say what the client may do with the cluster. */
  readonly includeClusterAuthorizedOperations: boolean;
  /** 1 for the brokers, 2 for the controllers. It must fit the node that is asked, or the answer is MISMATCHED_ENDPOINT_TYPE. */
  readonly endpointType: number;
  /** Whether brokers that are registered but not in service shall be listed too. Makes sense for brokers only. */
  readonly includeFencedBrokers: boolean;
}

export interface DescribeClusterResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** E.g. MISMATCHED_ENDPOINT_TYPE or UNSUPPORTED_ENDPOINT_TYPE. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** What `brokers` are: 1 brokers, 2 controllers. */
  readonly endpointType: number;
  /** Made when the cluster was formatted, and never changed. */
  readonly clusterId: string;
  /** The node for requests to the controller: with KRaft, brokers name any living broker here. -1 when unknown. */
  readonly controllerId: number;
  /** Brokers or controllers, see `endpointType`. */
  readonly brokers: readonly DescribeClusterBroker[];
  /** What the client may do with the cluster: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly clusterAuthorizedOperations: number;
}

/** A node, and its address on the listener that was asked. */
export interface DescribeClusterBroker {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  /** Null when the node has no rack. */
  readonly rack: string | null;
  /** Whether the broker is registered but not in service: it is down, or still starting. */
  readonly isFenced: boolean;
}

const request: Layout<DescribeClusterRequest> = struct((wire, it) => ({
  includeClusterAuthorizedOperations: wire.boolean(it.includeClusterAuthorizedOperations),
  endpointType: wire.since(1).int8(it.endpointType, DESCRIBE_CLUSTER_BROKERS),
  includeFencedBrokers: wire.since(2).boolean(it.includeFencedBrokers),
}));

const response: Layout<DescribeClusterResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  endpointType: wire.since(1).int8(it.endpointType, DESCRIBE_CLUSTER_BROKERS),
  clusterId: wire.string(it.clusterId),
  controllerId: wire.int32(it.controllerId, -1),
  brokers: wire.array(it.brokers, broker),
  clusterAuthorizedOperations: wire.int32(it.clusterAuthorizedOperations, DESCRIBE_CLUSTER_OPERATIONS_NOT_ASKED),
}));

const broker: Layout<DescribeClusterBroker> = struct((wire, it) => ({
  brokerId: wire.int32(it.brokerId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.nullableString(it.rack),
  isFenced: wire.since(2).boolean(it.isFenced),
}));

export const DescribeCluster: Api<DescribeClusterRequest, DescribeClusterResponse> = defineApi({
  name: "DescribeCluster",
  key: 60,
  versions: [0, 2],
  flexibleSince: 0,
  request,
  response,
});
