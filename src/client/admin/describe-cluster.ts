import {
  DESCRIBE_CLUSTER_BROKERS,
  DescribeCluster,
  Metadata,
  NO_CONTROLLER,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import { BrokerError } from "../errors.ts";
import { addressOf } from "../leaders/item-failure.ts";
import { type AclOperation, operationsFromBits } from "./acl-operation.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { unlessUnsupported } from "./fallback.ts";

export interface DescribeClusterOptions extends CallOptions {
  /** Whether to tell what the client may do with the cluster. Brokers before 2.3 cannot. */
  readonly includeAuthorizedOperations?: boolean;
  /** Whether to tell of brokers that are registered but not in service, too. Brokers before 4.0 cannot. */
  readonly includeFencedBrokers?: boolean;
}

export interface ClusterDescription {
  /** Undefined with brokers before 0.10.1. */
  readonly clusterId: string | undefined;
  /** Where requests for the controller go; with KRaft any broker that is alive. Undefined while there is none. */
  readonly controllerId: number | undefined;
  /** By ascending id. */
  readonly brokers: readonly DescribedBroker[];
  /** What the client may do with the cluster; undefined unless asked for. */
  readonly authorizedOperations: readonly AclOperation[] | undefined;
}

export interface DescribedBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | undefined;
  /** Registered, but not in service. False where the broker cannot tell. */
  readonly isFenced: boolean;
}

export function describeCluster(context: AdminContext, options: DescribeClusterOptions = {}): Promise<ClusterDescription> {
  return unlessUnsupported(
    () => describeAnew(context, options),
    () => describeByMetadata(context, options),
  );
}

const FIRST_VERSION_WITH_FENCED_BROKERS = 2;

async function describeAnew(
  { cluster, deadline }: AdminContext,
  { includeAuthorizedOperations = false, includeFencedBrokers = false }: DescribeClusterOptions,
): Promise<ClusterDescription> {
  const body = {
    includeClusterAuthorizedOperations: includeAuthorizedOperations,
    endpointType: DESCRIBE_CLUSTER_BROKERS,
    includeFencedBrokers,
  };
  const limits = includeFencedBrokers ? { atLeast: FIRST_VERSION_WITH_FENCED_BROKERS } : {};
  const answer = await cluster.ask(
    DescribeCluster,
    body,
    { kind: "any" },
    { deadline, limits, errorsIn: ({ errorCode }) => [errorCode] },
  );
  const { errorCode, errorMessage, clusterId, controllerId, brokers, clusterAuthorizedOperations } = answer.body;
  if (errorCode !== 0) throw new BrokerError(errorCode, { api: DescribeCluster.name, broker: addressOf(answer) }, errorMessage);
  return {
    clusterId,
    controllerId: controllerIdOrUndefined(controllerId),
    brokers: inOrder(
      brokers.map(({ brokerId, host, port, rack, isFenced }) => ({
        nodeId: brokerId,
        host,
        port,
        rack: rack ?? undefined,
        isFenced,
      })),
    ),
    authorizedOperations: operationsFromBits(clusterAuthorizedOperations),
  };
}

const FIRST_METADATA_WITH_OPERATIONS = 8;
/** From here on DescribeCluster tells them. */
const LAST_METADATA_WITH_OPERATIONS = 10;

/** For brokers before 2.8. */
async function describeByMetadata(
  { cluster, deadline }: AdminContext,
  { includeAuthorizedOperations = false, includeFencedBrokers = false }: DescribeClusterOptions,
): Promise<ClusterDescription> {
  if (includeFencedBrokers) {
    throw new UnsupportedVersionError("brokers before 4.0 do not tell which brokers are fenced; leave out includeFencedBrokers", {
      api: DescribeCluster.name,
    });
  }
  const { body } = await cluster.ask(
    Metadata,
    (version) => {
      if (includeAuthorizedOperations && version < FIRST_METADATA_WITH_OPERATIONS) {
        throw new UnsupportedVersionError(
          "brokers before 2.3 do not tell what the client may do; leave out includeAuthorizedOperations",
          { api: Metadata.name, version },
        );
      }
      // Version 0 has no way to ask for no topics; it is as good as gone.
      return { topics: [], allowAutoTopicCreation: true, includeClusterAuthorizedOperations: includeAuthorizedOperations };
    },
    { kind: "any" },
    { deadline, limits: { atMost: LAST_METADATA_WITH_OPERATIONS } },
  );
  return {
    clusterId: body.clusterId ?? undefined,
    controllerId: controllerIdOrUndefined(body.controllerId),
    brokers: inOrder(
      body.brokers.map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack: rack ?? undefined, isFenced: false })),
    ),
    authorizedOperations: includeAuthorizedOperations ? operationsFromBits(body.clusterAuthorizedOperations) : undefined,
  };
}

function controllerIdOrUndefined(id: number): number | undefined {
  return id === NO_CONTROLLER ? undefined : id;
}

function inOrder(brokers: DescribedBroker[]): readonly DescribedBroker[] {
  return brokers.sort((one, other) => one.nodeId - other.nodeId);
}
