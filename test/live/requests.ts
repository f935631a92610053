// Which script asks which API.

import type { ApiName } from "../../src/protocol/index.ts";
import { clusterScripts } from "./cluster.ts";
import { configScripts } from "./configs.ts";
import { dataScripts } from "./data.ts";
import { groupScripts } from "./groups.ts";
import type { Scripts } from "./script.ts";
import { securityScripts } from "./security.ts";
import { shareAndStreamsScripts } from "./share-and-streams.ts";
import { topicScripts } from "./topics.ts";
import { transactionScripts } from "./transactions.ts";

/** What we speak and Apache Kafka 4.3.1 does not offer, and why; in the summary. */
export const notAdvertised: { readonly [Name in ApiName]?: string } = {
  GetTelemetrySubscriptions: "offered only where a plugin of the broker takes client metrics (KIP-714)",
  PushTelemetry: "offered only where a plugin of the broker takes client metrics (KIP-714)",
  StreamsGroupTopologyDescriptionUpdate: "came with Kafka 4.4",
  UnregisterController: "came with Kafka 4.4",
};

/** What 4.3.1 offers on every listener although only brokers ask it; we have no layouts for it. */
export const betweenBrokers: ReadonlyMap<number, string> = new Map([
  [83, "InitializeShareGroupState"],
  [84, "ReadShareGroupState"],
  [85, "WriteShareGroupState"],
  [86, "DeleteShareGroupState"],
  [87, "ReadShareGroupStateSummary"],
]);

/** Brokers only name these because old librdkafkas insist (KAFKA-18659). */
export const refusedVersions: ReadonlyMap<ApiName, readonly number[]> = new Map([["Produce", [0, 1, 2]]]);

export const scripts: Scripts = {
  ...dataScripts,
  ...groupScripts,
  ...transactionScripts,
  ...shareAndStreamsScripts,
  ...topicScripts,
  ...configScripts,
  ...securityScripts,
  ...clusterScripts,
};
