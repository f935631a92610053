/** Asking Metadata without leaving traces: topics that are missing must not come into being by being asked for. */
import type { Draft, MetadataRequest } from "../../protocol/index.ts";

/** From here on a client may forbid it. */
export const FIRST_VERSION_WITHOUT_CREATION = 4;
const FIRST_VERSION_WITH_NULL_FOR_ALL = 1;

export function metadataRequestForAll(version: number): Draft<MetadataRequest> {
  return {
    topics: version < FIRST_VERSION_WITH_NULL_FOR_ALL ? [] : null,
    allowAutoTopicCreation: version < FIRST_VERSION_WITHOUT_CREATION,
  };
}

/** With brokers before 0.11 this asks for all topics. */
export function metadataRequestForNames(names: readonly string[], version: number): Draft<MetadataRequest> {
  if (version < FIRST_VERSION_WITHOUT_CREATION) return metadataRequestForAll(version);
  return { topics: names.map((name) => ({ name })), allowAutoTopicCreation: false };
}
