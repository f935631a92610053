/**
 * `kafkawire`: so far the errors and what is common to all clients. The wire format itself is `kafkawire/protocol`; producer,
 * consumer and admin come next.
 */
export { nodeCodecs } from "./client/compression/node-codecs.ts";
export { KafkaError, MalformedMessageError, UnsupportedVersionError } from "./protocol/index.ts";
