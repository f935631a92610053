/** What a client throws. Every error has a stable `code` and says whether the same call may succeed later (`retriable`). */
export * from "./errors/broker-error.ts";
export * from "./errors/call-errors.ts";
export * from "./errors/connection-errors.ts";
export * from "./errors/consumer-errors.ts";
export * from "./errors/is-kafka-error.ts";
export * from "./errors/producer-errors.ts";
export * from "./errors/share-errors.ts";
export * from "./errors/thread-error.ts";
export * from "./errors/unreadable-records-error.ts";
