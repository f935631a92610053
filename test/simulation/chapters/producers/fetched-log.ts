import { advertisedVersions, apis, type FetchPartitionData } from "../../../../src/protocol/index.ts";
import { BrokerClient } from "../../../support/broker-client.ts";
import type { World } from "../../world/world.ts";

/** Versions that name topics. */
const FETCH_BY_NAME = 12;
const READ_COMMITTED = 1;
export const READ_UNCOMMITTED = 0;
const EVERYTHING = 0x3fff_ffff;

export interface LogPlace {
  readonly topic: string;
  readonly partition: number;
  /** Who leads it. */
  readonly node: number;
  readonly from?: number;
}

/** All of a log from an offset on, as the leader gives it to readers of what is committed, or of everything. */
export async function fetchLog(
  { broker, clock, scenario }: World,
  { topic, partition, node, from: fetchOffset = 0 }: LogPlace,
  isolationLevel: number = READ_COMMITTED,
): Promise<FetchPartitionData> {
  const version = Math.min(advertisedVersions(scenario.release).get(apis.Fetch.key)?.[1] ?? 0, FETCH_BY_NAME);
  const client = await BrokerClient.connect(broker, { node, clientId: "reader" });
  const asked = { partition, fetchOffset, partitionMaxBytes: EVERYTHING };
  const fetching = client.ask(
    "Fetch",
    { maxWaitMs: 0, minBytes: 0, maxBytes: EVERYTHING, isolationLevel, topics: [{ topic, partitions: [asked] }] },
    version,
  );
  await clock.advance(0);
  const { responses } = await fetching;
  client.close();
  await clock.advance(0);
  const found = responses[0]?.partitions[0];
  if (found === undefined) throw new Error(`nobody can read ${topic}-${partition}`);
  return found;
}
