import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { KafkaError } from "../protocol/index.ts";
import * as errors from "./errors.ts";
import { isKafkaError } from "./errors.ts";

const cause = new Error("what was behind it");
const broker = "b1:9092";
const SECRET = "hunter2-in-a-record";
const secret = new TextEncoder().encode(SECRET);

const deserialization = new errors.DeserializationError({
  topic: "orders",
  partition: 2,
  offset: 42,
  timestamp: 1_700_000_000_000,
  part: "value",
  key: secret,
  value: secret,
  headers: [["authorization", secret]],
  cause,
});

/** One of each, with what it says. A class that is missing here fails a test below. */
const family: readonly (readonly [error: KafkaError, code: string, retriable: boolean, message: string])[] = [
  [
    new errors.BrokerError(3, { api: "Metadata", topic: "orders", broker }, null, { cause }),
    "UNKNOWN_TOPIC_OR_PARTITION",
    true,
    "Metadata, topic 'orders', broker b1:9092: UNKNOWN_TOPIC_OR_PARTITION (3): The broker knows no such topic or partition, perhaps only not yet: a new topic takes a moment to reach every broker.",
  ],
  [
    new errors.ConnectionError("connection refused", { broker, phase: "tcp", cause }),
    "CONNECTION",
    true,
    "broker b1:9092: connection refused",
  ],
  [
    new errors.BootstrapError(
      [
        {
          address: "b0:9092",
          phase: "tcp",
          cause: new errors.ConnectionError("connection refused", { broker: "b0:9092", phase: "tcp" }),
        },
        { address: broker, phase: "tcp", cause },
      ],
      { afterMs: 30_000.4 },
    ),
    "BOOTSTRAP",
    true,
    "no bootstrap server could be reached within 30000 ms; check bootstrapServers, the network and securityProtocol:\n  b0:9092 (tcp): connection refused\n  b1:9092 (tcp): what was behind it",
  ],
  [
    new errors.RequestTimeoutError("listTopics", 1000, { cause }),
    "REQUEST_TIMEOUT",
    true,
    "listTopics: no answer within 1000 ms; the last problem was: what was behind it",
  ],
  [
    new errors.AuthenticationError("wrong password of 'alice'", { broker, cause }),
    "AUTHENTICATION",
    false,
    "broker b1:9092: wrong password of 'alice'",
  ],
  [
    new errors.ConfigError(["acks: must be one of all, 0, 1", "lingerMs: must not be negative"]),
    "CONFIG",
    false,
    "configuration:\n  acks: must be one of all, 0, 1\n  lingerMs: must not be negative",
  ],
  [
    new errors.IllegalStateError("beginTransaction: call initTransactions first"),
    "ILLEGAL_STATE",
    false,
    "beginTransaction: call initTransactions first",
  ],
  [new errors.ClosedError("admin 'reports'"), "CLOSED", false, "admin 'reports' was closed"],
  [
    new errors.QueueFullError({ topic: "orders", wantedBytes: 1200, bufferMemory: 33_554_432, waitedMs: 60_000 }),
    "QUEUE_FULL",
    true,
    "topic 'orders': no room for a record of 1200 bytes after 60000 ms: the 33554432 bytes of bufferMemory hold records that are not sent yet; wait for ready(), send more slowly, or raise bufferMemory or maxBlockMs",
  ],
  [
    new errors.SerializationError("its serializer has thrown TypeError", { topic: "orders", part: "value", cause }),
    "SERIALIZATION",
    false,
    "topic 'orders', value: its serializer has thrown TypeError",
  ],
  [
    new errors.ProducerFencedError("billing-1", { cause }),
    "PRODUCER_FENCED",
    false,
    "transactional id 'billing-1': another producer has begun to use it, or the transaction took longer than transactionTimeoutMs; close this producer, and give each that runs at the same time an id of its own",
  ],
  [
    new errors.TransactionAbortedError("billing-1", { cause }),
    "TRANSACTION_ABORTED",
    false,
    "transactional id 'billing-1': not sent, for the transaction is aborted; what failed in it: what was behind it",
  ],
  [
    new errors.TransactionFailedError("commitTransaction", "billing-1", cause),
    "TRANSACTION_FAILED",
    false,
    "transactional id 'billing-1': commitTransaction: the transaction can only be aborted; call abortTransaction(). What failed in it: what was behind it",
  ],
  [
    new errors.RecordTooLargeError({ topic: "orders", recordBytes: 2_000_000, maxRequestSize: 1_048_576 }),
    "MESSAGE_TOO_LARGE",
    false,
    "topic 'orders': a record of 2000000 bytes is larger than maxRequestSize (1048576); make it smaller, or raise maxRequestSize and the topic's max.message.bytes",
  ],
  [
    deserialization,
    "DESERIALIZATION",
    false,
    "topic 'orders' partition 2 offset 42: the value, 19 bytes, could not be deserialized (Error); check the value's deserializer, or seek to offset 43 to go on without the record",
  ],
  [
    new errors.InvalidRegularExpressionError("(", { group: "reports", brokerMessage: "no ).", cause }),
    "INVALID_REGULAR_EXPRESSION",
    false,
    "group 'reports': the SubscriptionPattern '(' is refused (no ).): brokers read RE2/J, which has no look-around and no back references; subscribe to another one, or to a RegExp, which is matched by the client",
  ],
  [
    new errors.ThreadError("TypeError", { thread: 1, threads: 4, cause }),
    "THREAD_FAILED",
    false,
    "run: thread 1 (of 4) has failed: TypeError",
  ],
  [
    new errors.CommitFailedError("it did not poll for 300000 ms", { group: "reports", cause }),
    "COMMIT_FAILED",
    false,
    "group 'reports': the offsets were not committed, for this consumer is no longer a member: it did not poll for 300000 ms; its partitions may belong to others by now, who begin after what was committed last. If processing took too long, raise maxPollIntervalMs or lower maxPollRecords",
  ],
  [
    new errors.CommitFailedError(undefined, { group: "reports", cause, isRebalancing: true }),
    "COMMIT_FAILED",
    true,
    "group 'reports': the offsets were not committed, for the group is coming together, which goes on while somebody reads; commit again after that what is still assigned",
  ],
  [
    new errors.MaxPollIntervalError({ group: "reports", awayMs: 300_001, maxPollIntervalMs: 300_000 }),
    "MAX_POLL_INTERVAL_EXCEEDED",
    true,
    "group 'reports': nobody has read for 300001 ms (maxPollIntervalMs 300000), so this consumer has left; read again to come back. Raise maxPollIntervalMs, lower maxPollRecords, or process faster",
  ],
  [
    new errors.AcknowledgementError({ topic: "orders", partition: 1, outcome: "unknown", problem: "its answer was lost", cause }),
    "ACKNOWLEDGEMENT",
    false,
    "topic 'orders' partition 1: records may or may not have been acknowledged, for its answer was lost; those that were not are delivered again",
  ],
  [
    new errors.NoOffsetError([{ topic: "orders", partition: 1 }], { group: "reports", cause }),
    "NO_OFFSET",
    false,
    "no offset was committed by group 'reports' for topic 'orders' partition 1; seek to where to begin, or set autoOffsetReset",
  ],
  [
    new errors.NoOffsetError([{ topic: "orders", partition: 1 }], { cause }),
    "NO_OFFSET",
    false,
    "there is no position for topic 'orders' partition 1; seek to where to begin, or set autoOffsetReset",
  ],
  [
    new errors.OffsetOutOfRangeError([{ topic: "orders", partition: 1, offset: 7, logStartOffset: 100, endOffset: 900 }], {
      cause,
    }),
    "OFFSET_OUT_OF_RANGE",
    false,
    "out of range: topic 'orders' partition 1 offset 7 (the log has 100 to 900); seek to an offset that exists, or set autoOffsetReset",
  ],
  [
    new errors.LogTruncationError({
      topic: "orders",
      partition: 1,
      offset: 7,
      divergence: { offset: 5, leaderEpoch: 2 },
      cause,
    }),
    "LOG_TRUNCATION",
    false,
    "topic 'orders' partition 1: the log was cut from offset 5 on, before the position, 7, and goes on differently; seek to offset 5 to read what is there now, or set autoOffsetReset",
  ],
  [
    new errors.UnreadableRecordsError({ topic: "orders", partition: 1, offset: 7, nextOffset: 9, cause }),
    "UNREADABLE_RECORDS",
    false,
    "topic 'orders' partition 1 offset 7 cannot be read: what was behind it. To go on without the rest of its batch, seek to offset 9",
  ],
  [
    new errors.FetchTooLargeError({ topic: "orders", partition: 1, offset: 7, maxBytes: 100 }),
    "FETCH_TOO_LARGE",
    false,
    "topic 'orders' partition 1 offset 7: not even one batch fits into 100 bytes, the largest answer that is accepted; raise receiveMessageMaxBytes, or seek to an offset behind it",
  ],
  [new errors.WakeupError(), "WAKEUP", true, "reading was interrupted by wakeup(); call again to go on"],
];

/** They begin with the fault, or with what the caller did: nothing is behind them. */
const CAUSELESS = new Set([
  "MAX_POLL_INTERVAL_EXCEEDED",
  "CONFIG",
  "ILLEGAL_STATE",
  "CLOSED",
  "QUEUE_FULL",
  "MESSAGE_TOO_LARGE",
  "FETCH_TOO_LARGE",
  "WAKEUP",
]);

describe("the family of errors", () => {
  it("is complete here", () => {
    const classes = Object.values(errors).filter((one) => typeof one === "function" && one.prototype instanceof KafkaError);
    expect(new Set(family.map(([error]) => error.constructor))).toEqual(new Set(classes));
  });

  it.each(family)("%s", (error, code, retriable, message) => {
    expect({ code: error.code, retriable: error.retriable, message: error.message }).toEqual({ code, retriable, message });
    expect(error).toBeInstanceOf(KafkaError);
    expect(error.name).toBe(error.constructor.name);
    expect(error.cause).toBe(CAUSELESS.has(code) ? undefined : cause);
    expect(isKafkaError(error)).toBe(true);
  });

  it.each(family)("shows no contents of records: %s", (error) => {
    const shown = `${inspect(error, { depth: 10 })}\n${JSON.stringify(error)}\n${String(error)}`;
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(Buffer.from(secret).toString("hex").slice(0, 8));
    expect(shown).not.toContain([...secret.subarray(0, 4)].join(","));
    expect(shown).not.toContain([...secret.subarray(0, 4)].join(", "));
  });

  it("hands out the record that could not be read, to whoever asks for it", () => {
    expect(deserialization.key).toBe(secret);
    expect(deserialization.value).toBe(secret);
    expect(deserialization.headers).toEqual([["authorization", secret]]);
  });

  it("does not repeat what a deserializer quotes of the record", () => {
    const quoting = attempt(() => JSON.parse(`{"password": ${SECRET}`));
    const error = new errors.DeserializationError({
      topic: "orders",
      partition: 0,
      offset: 0,
      timestamp: 0,
      part: "key",
      key: null,
      value: null,
      headers: [],
      cause: quoting,
    });
    expect(error.message).toContain("the key, null, could not be deserialized (SyntaxError)");
    expect(error.message).not.toContain("hunter2");
    expect(error.cause).toBe(quoting);
  });

  it("names some of many thousands of partitions, and has them all", () => {
    const partitions = Array.from({ length: 5000 }, (_, partition) => ({ topic: "orders", partition }));
    const error = new errors.NoOffsetError(partitions);
    expect(error.message).toContain("partition 9 and 4990 more");
    expect(error.partitions).toHaveLength(5000);
  });

  it("says of a log that was cut what is known", () => {
    const error = new errors.LogTruncationError({ topic: "orders", partition: 0, offset: 7 });
    expect(error.message).toContain("the log was cut somewhere before the position, 7");
    expect(error.divergence).toBeUndefined();
  });

  it("keeps a broker's words from acting on a terminal, and keeps them", () => {
    const words = `gone\u001b[2J\nERROR forged line ${"x".repeat(5000)}`;
    const error = new errors.BrokerError(-1, { api: "Metadata", topic: "a\u0007b" }, words);
    expect(error.message).toContain("topic 'a\\u0007b': UNKNOWN_SERVER_ERROR (-1): gone\\u001b[2J\\nERROR forged line xxx");
    expect(error.message.length).toBeLessThan(1200);
    expect(error.brokerMessage).toBe(words);
  });

  it("keeps the number of a code that is newer than we are", () => {
    expect(new errors.BrokerError(4711, { api: "Fetch" })).toMatchObject({
      code: "UNKNOWN_SERVER_ERROR",
      errorCode: 4711,
      retriable: false,
    });
  });

  it("says whether a request may have been carried out", () => {
    expect(new errors.RequestTimeoutError("x", 1, { outcome: "unknown" }).outcome).toBe("unknown");
    expect(new errors.ConnectionError("x", { broker, phase: "established", outcome: "unknown" }).outcome).toBe("unknown");
    expect(new errors.ClosedError("x", { outcome: "unknown" }).outcome).toBe("unknown");
    expect(new errors.ClosedError("x").outcome).toBe("not sent");
  });
});

describe("isKafkaError", () => {
  it("knows the errors of another copy of the package", () => {
    class ConnectionError extends Error {
      readonly code = "CONNECTION";
      readonly retriable = true;
    }
    expect(isKafkaError(new ConnectionError())).toBe(true);
  });

  it.each([
    new Error("plain"),
    Object.assign(new Error("Node's"), { code: "ECONNREFUSED" }),
    Object.assign(new Error("another library's"), { retriable: true }),
    { code: "CONNECTION", retriable: true },
    "CONNECTION",
    null,
    undefined,
  ])("does not take %o for one", (other) => {
    expect(isKafkaError(other)).toBe(false);
  });
});

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
