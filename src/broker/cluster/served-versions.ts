import { advertisedVersions, apis, isSince, type KafkaRelease, type VersionRange } from "../../protocol/index.ts";
import type { Handlers } from "../load-handlers.ts";

/** Kafka 4 lists Produce from version 0 on, for the sake of old clients' checks, but does not answer it below version 3. */
const FIRST_PRODUCE_OF_KAFKA_4 = 3;

/** What is answered, by API key: what the release advertises, as far as there are handlers. */
export function servedVersions(release: KafkaRelease, handlers: Handlers): ReadonlyMap<number, VersionRange> {
  const served = new Map<number, VersionRange>();
  const isKafka4 = isSince(release, "4.0");
  for (const [key, [first, last]] of advertisedVersions(release)) {
    if (!handlers.has(key)) continue;
    const isProduce = key === apis.Produce.key;
    served.set(key, [isProduce && isKafka4 ? Math.max(first, FIRST_PRODUCE_OF_KAFKA_4) : first, last]);
  }
  return served;
}
