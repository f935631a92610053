/** `kafkawire/broker`: a Kafka cluster inside the process, for tests, demos and simulations. */

export { type KafkaRelease, LATEST_RELEASE, releases } from "../protocol/index.ts";
export { BrokerOptionsError } from "./broker-options-error.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { EmbeddedBroker, type TopicPartition, type TopicState } from "./embedded-broker.ts";
export type { Asked, Responder } from "./faults/fault-action.ts";
export type { Fault } from "./faults/fault-rule.ts";
export type { FaultTarget } from "./faults/fault-target.ts";
export type { ErrorFault, Faults } from "./faults/faults.ts";
export type { RecordDamage } from "./faults/record-faults.ts";
export { HeldClock } from "./held-clock.ts";
export type { HotLoop } from "./journal/hot-loops.ts";
export type { Journal, JournalOptions } from "./journal/journal.ts";
export type { JournalEntry } from "./journal/journal-entry.ts";
export type { BrokerSocket, SocketEvents } from "./network/broker-socket.ts";
export type { MemoryNetwork, NetworkWeather } from "./network/memory-transport.ts";
export type { TlsOptions } from "./network/tcp-transport.ts";
export { NO_ANSWER } from "./no-answer.ts";
export type { EmbeddedBrokerOptions, InitialTopic } from "./options.ts";
export type { SaslOptions, VerifiedToken } from "./security/sasl-options.ts";
