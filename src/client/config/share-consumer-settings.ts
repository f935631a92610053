/** Table: the options that only share consumers have, or have in their own way. Defaults are those of Consumer, or Java's. */
import { commitCallbackKind } from "./consumer-kinds.ts";
import { consumerSettings } from "./consumer-settings.ts";
import { type SettingTable, setting } from "./setting.ts";
import type { AcknowledgementCommitCallback, ShareConsumerOnlyConfig } from "./share-consumer-options.ts";
import { callable, choice, optional } from "./value-kinds.ts";

const acknowledgementCallbackKind = callable(
  commitCallbackKind.type,
  (value): value is AcknowledgementCommitCallback => typeof value === "function",
);

export const shareConsumerSettings: SettingTable<ShareConsumerOnlyConfig> = {
  groupId: {
    ...consumerSettings.groupId,
    doc: "The share group whose members share the records; there is no share consumer without one.",
  },
  shareAcknowledgementMode: setting(choice(["implicit", "explicit"]), {
    fallback: "implicit",
    doc: "Whether the next `poll()` or `commit()` accepts all records of the last one, or each is acknowledged by `acknowledge()`.",
    java: ["share.acknowledgement.mode"],
    librdkafka: ["share.acknowledgement.mode"],
  }),
  shareAcquireMode: setting(choice(["batch_optimized", "record_limit"]), {
    fallback: "batch_optimized",
    doc: "Whether the broker locks whole batches, or `maxPollRecords` at most even in the middle of one (KIP-1206).",
    java: ["share.acquire.mode"],
  }),
  acknowledgementCommitCallback: setting(optional(acknowledgementCallbackKind), {
    fallback: undefined,
    doc: "Is told what became of acknowledgements, of each partition once; without it failures are warnings.",
  }),
  maxPollIntervalMs: consumerSettings.maxPollIntervalMs,
  maxPollRecords: {
    ...consumerSettings.maxPollRecords,
    doc: "How many records one `poll()` gives at most, and a broker is asked to lock.",
  },
  keyDeserializer: consumerSettings.keyDeserializer,
  valueDeserializer: consumerSettings.valueDeserializer,
  fetchMinBytes: consumerSettings.fetchMinBytes,
  fetchMaxWaitMs: { ...consumerSettings.fetchMaxWaitMs, doc: "How long it waits for them." },
  fetchMaxBytes: {
    ...consumerSettings.fetchMaxBytes,
    doc: "How many bytes all brokers together answer a fetch with; a first batch that is larger comes all the same.",
  },
  checkCrcs: consumerSettings.checkCrcs,
  clientRack: { ...consumerSettings.clientRack, doc: "Where this client is, which the group's assignor may heed." },
  allowAutoCreateTopics: {
    ...consumerSettings.allowAutoCreateTopics,
    doc: "Whether a topic that does not exist may be created by subscribing to it.",
  },
};
