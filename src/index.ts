/**
 * `kafkawire`: clients for Apache Kafka, `Producer`, `Consumer`, `ShareConsumer` and `Admin`, and what is common to all of them. The wire
 * format itself is `kafkawire/protocol`.
 */
export * from "./client/index.ts";
export { type ErrorName, KafkaError, type KafkaRelease, MalformedMessageError, UnsupportedVersionError } from "./protocol/index.ts";
