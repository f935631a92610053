import type { ConfigDefinition } from "./config-definition.ts";

/** A group's configuration, and the broker configurations that are its default and its limits. */
export interface GroupConfigDefinition extends ConfigDefinition {
  readonly brokerSynonym: string;
  readonly atLeast: string;
  readonly atMost: string;
}

/** Configuration of consumer groups (KIP-848), with the defaults of Apache Kafka 4.3. A table. */
export const groupConfigTable: readonly GroupConfigDefinition[] = [
  {
    name: "consumer.assignment.interval.ms",
    type: "int",
    defaultValue: "1000",
    min: 0,
    brokerSynonym: "group.consumer.assignment.interval.ms",
    atLeast: "group.consumer.min.assignment.interval.ms",
    atMost: "group.consumer.max.assignment.interval.ms",
    documentation: "How long the group waits at least between two target assignments.",
  },
  {
    name: "consumer.heartbeat.interval.ms",
    type: "int",
    defaultValue: "5000",
    min: 1,
    brokerSynonym: "group.consumer.heartbeat.interval.ms",
    atLeast: "group.consumer.min.heartbeat.interval.ms",
    atMost: "group.consumer.max.heartbeat.interval.ms",
    documentation: "How often the group's members shall send heartbeats.",
  },
  {
    name: "consumer.session.timeout.ms",
    type: "int",
    defaultValue: "45000",
    min: 1,
    brokerSynonym: "group.consumer.session.timeout.ms",
    atLeast: "group.consumer.min.session.timeout.ms",
    atMost: "group.consumer.max.session.timeout.ms",
    documentation: "After which silence the group gives a member up.",
  },
];
