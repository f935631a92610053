import {
  DESCRIBE_CLUSTER_BROKERS,
  DESCRIBE_CLUSTER_CONTROLLERS,
  DescribeCluster,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
  type Draft,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { ALL_CLUSTER_OPERATIONS } from "../cluster/authorized-operations.ts";
import { NodeView } from "../cluster/node-view.ts";
import { codeOf } from "../error-codes.ts";

export const handler: Handler = defineHandler(DescribeCluster, {
  answer(request, context) {
    if (request.endpointType !== DESCRIBE_CLUSTER_BROKERS) return wrongEndpoint(request, context.version);
    const { cluster, node, version } = context;
    const live = new Set(new NodeView(cluster, node).liveNodes());
    const nodes = request.includeFencedBrokers ? cluster.nodes : [...live];
    return {
      clusterId: cluster.id,
      controllerId: cluster.controllerId,
      brokers: nodes.map((broker) => ({
        brokerId: broker.id,
        host: broker.host,
        port: broker.port,
        rack: broker.rack,
        ...(version >= 2 && { isFenced: !live.has(broker) }),
      })),
      ...(request.includeClusterAuthorizedOperations && { clusterAuthorizedOperations: ALL_CLUSTER_OPERATIONS }),
    };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

/** Clients reach brokers only; nobody of the controllers listens for them. */
function wrongEndpoint({ endpointType }: DescribeClusterRequest, version: number): Draft<DescribeClusterResponse> {
  const isKnown = endpointType === DESCRIBE_CLUSTER_CONTROLLERS;
  if (isKnown) {
    return {
      errorCode: codeOf(version === 0 ? "INVALID_REQUEST" : "MISMATCHED_ENDPOINT_TYPE"),
      errorMessage: "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
    };
  }
  return {
    errorCode: codeOf(version === 0 ? "INVALID_REQUEST" : "UNSUPPORTED_ENDPOINT_TYPE"),
    errorMessage: `Unsupported endpoint type ${endpointType}`,
  };
}
