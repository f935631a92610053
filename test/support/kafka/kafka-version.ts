/** The Kafka that tests run against unless they say otherwise. */
export const KAFKA_VERSION: string = "4.3.1";
