/**
 * `kafkawire`: clients for Apache Kafka, so far the one that administers it, and what is common to all of them. The wire format itself
 * is `kafkawire/protocol`; producer and consumer come next.
 */
export * from "./client/index.ts";
export { type ErrorName, KafkaError, type KafkaRelease, MalformedMessageError, UnsupportedVersionError } from "./protocol/index.ts";
