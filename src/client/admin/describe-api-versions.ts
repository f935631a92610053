import { apiByKey } from "../../protocol/index.ts";
import type { ClusterBroker } from "../cluster/metadata-snapshot.ts";
import type { BrokerVersions } from "../connection/broker-versions.ts";
import { isItemFailure } from "../leaders/item-failure.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, MOST_INT32 } from "./arguments.ts";
import { type ItemResult, settledItems } from "./item-result.ts";

export interface DescribeApiVersionsOptions extends CallOptions {
  /** Which brokers; all unless named. */
  readonly nodeIds?: readonly number[];
}

/** A request that a broker understands. */
export interface SupportedApi {
  /** Kafka's number of it. */
  readonly key: number;
  /** Undefined for one that we do not know. */
  readonly name: string | undefined;
  /** The first and the last version of the broker. */
  readonly min: number;
  readonly max: number;
  /** The version that we use with this broker; undefined when there is none in common. */
  readonly usable: number | undefined;
}

export interface BrokerApis {
  /** By ascending key. */
  readonly apis: readonly SupportedApi[];
}

/** What brokers said on the connections that we have to them, by ascending node id. With a pinned `apiVersion`, what they were taken for. */
export async function describeApiVersions(
  context: AdminContext,
  { nodeIds }: DescribeApiVersionsOptions = {},
): Promise<readonly ItemResult<Omit<ClusterBroker, "rack">, BrokerApis>[]> {
  const { cluster, deadline } = context;
  await cluster.bootstrap(deadline);
  const { brokers } = await cluster.refresh(deadline, []);
  const unknown = nodeIds?.filter((id) => !brokers.has(id)) ?? [];
  const problems = new ArgumentProblems("describeApiVersions");
  problems.require(
    unknown.length === 0,
    () => `no broker has the id ${unknown.join(", ")}; there are ${[...brokers.keys()].join(", ")}`,
  );
  problems.throwIfAny();
  const asked = [...brokers.values()].filter(({ nodeId }) => nodeIds?.includes(nodeId) ?? true);
  asked.sort((one, other) => one.nodeId - other.nodeId);
  return settledItems(await Promise.all(asked.map((broker) => apisOf(context, broker))));
}

export function checkNodeIds(nodeIds: readonly number[] | undefined): void {
  const problems = new ArgumentProblems("describeApiVersions");
  for (const id of nodeIds ?? []) problems.requireInteger("a node id", id, 0, MOST_INT32);
  problems.throwIfAny();
}

async function apisOf(
  { cluster, deadline }: AdminContext,
  { nodeId, host, port }: ClusterBroker,
): Promise<ItemResult<Omit<ClusterBroker, "rack">, BrokerApis>> {
  try {
    const { versions } = await cluster.connection(nodeId, "main", deadline);
    const apis = Array.from(versions.offered, ([key, [min, max]]) => supportedApi(versions, key, min, max));
    return { nodeId, host, port, apis: apis.sort((one, other) => one.key - other.key) };
  } catch (error) {
    if (isItemFailure(error, deadline)) return { nodeId, host, port, error };
    throw error;
  }
}

function supportedApi(versions: BrokerVersions, key: number, min: number, max: number): SupportedApi {
  const api = apiByKey(key);
  return { key, name: api?.name, min, max, usable: api !== undefined && versions.supports(api) ? versions.choose(api) : undefined };
}
