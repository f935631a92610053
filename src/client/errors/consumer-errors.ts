import { KafkaError } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

/** Where in a topic something happened. */
interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface DeserializationErrorInit extends Place {
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly part: "key" | "value";
  /** The record as it came. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
  /** What the deserializer threw. */
  readonly cause: unknown;
  /** Of a share consumer, which has no position that could be moved. */
  readonly isShared?: boolean;
}

const SHARED_REMEDY =
  "; the record is released and comes again, to whoever it may be, unless it is acknowledged as 'reject' (with shareAcknowledgementMode 'explicit')";

/**
 * A key or a value is not what its deserializer reads. Everything that is needed to put the record aside (a dead letter topic) is here;
 * its contents only behind getters, so that they do not get into logs.
 */
export class DeserializationError extends KafkaError {
  override readonly code = "DESERIALIZATION";
  override readonly retriable = false;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** What could not be read. */
  readonly part: "key" | "value";
  readonly #record: DeserializationErrorInit;

  constructor(init: DeserializationErrorInit) {
    const { topic, partition, offset, part, cause, isShared = false } = init;
    const bytes = init[part]?.length;
    const remedy = isShared ? SHARED_REMEDY : `, or seek to offset ${offset + 1} to go on without the record`;
    // What the deserializer says often quotes what it read; that stays in `cause`.
    const thrown = cause instanceof Error ? ` (${cause.name})` : "";
    super(
      `topic '${harmlessText(topic)}' partition ${partition} offset ${offset}: the ${part}, ${bytes === undefined ? "null" : `${bytes} bytes`}, ` +
        `could not be deserialized${thrown}; check the ${part}'s deserializer${remedy}`,
      { cause },
    );
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.timestamp = init.timestamp;
    this.part = part;
    this.#record = init;
  }

  /** The key's bytes as they came. */
  get key(): Uint8Array | null {
    return this.#record.key;
  }

  /** The value's bytes as they came. */
  get value(): Uint8Array | null {
    return this.#record.value;
  }

  get headers(): DeserializationErrorInit["headers"] {
    return this.#record.headers;
  }
}

const LONGEST_PATTERN = 200;

export interface InvalidRegularExpressionErrorInit {
  readonly group: string;
  readonly brokerMessage?: string | undefined;
  readonly cause?: unknown;
}

/** The coordinator of a group does not understand the SubscriptionPattern that it was to match topics by. Subscribe to another one. */
export class InvalidRegularExpressionError extends KafkaError {
  override readonly code = "INVALID_REGULAR_EXPRESSION";
  override readonly retriable = false;
  readonly pattern: string;
  readonly group: string;

  /** @param brokerMessage the coordinator's own words */
  constructor(pattern: string, { group, brokerMessage = "", cause }: InvalidRegularExpressionErrorInit) {
    const said = brokerMessage === "" ? "" : ` (${harmlessText(brokerMessage)})`;
    super(
      `group '${harmlessText(group)}': the SubscriptionPattern '${harmlessText(pattern, LONGEST_PATTERN)}' is refused${said}: brokers read RE2/J, ` +
        "which has no look-around and no back references; subscribe to another one, or to a RegExp, which is matched by the client",
      { cause },
    );
    this.pattern = pattern;
    this.group = group;
  }
}

export interface CommitFailedErrorInit {
  readonly group: string;
  readonly cause?: unknown;
  /** The group is coming together, and this consumer with it: it has lost nothing yet. */
  readonly isRebalancing?: boolean;
}

/**
 * Offsets were not committed, since the group does not count this consumer among its members any more, or never did; or, where it is
 * `retriable`, since the group is coming together: who reads on, and then commits what he still has, may succeed.
 */
export class CommitFailedError extends KafkaError {
  override readonly code = "COMMIT_FAILED";
  override readonly retriable: boolean;
  readonly group: string;

  /**
   * @param problem why the consumer is no member any more: `it did not poll for 300000 ms (maxPollIntervalMs)`; undefined for one that
   * never was, since it assigns its partitions itself
   */
  constructor(problem: string | undefined, { group, cause, isRebalancing = false }: CommitFailedErrorInit) {
    super(`group '${harmlessText(group)}': the offsets were not committed, ${isRebalancing ? REBALANCING : reasonOf(problem)}`, {
      cause,
    });
    this.group = group;
    this.retriable = isRebalancing;
  }
}

const REBALANCING =
  "for the group is coming together, which goes on while somebody reads; commit again after that what is still assigned";

function reasonOf(problem: string | undefined): string {
  if (problem === undefined) {
    return (
      "for the group has members, and a consumer that assigns its partitions itself is none of them; give it a groupId of its own, " +
      "or commit when no member is left"
    );
  }
  return (
    `for this consumer is no longer a member: ${problem}; its partitions may belong to others by now, who begin after what was ` +
    "committed last. If processing took too long, raise maxPollIntervalMs or lower maxPollRecords"
  );
}

/**
 * Nobody has read for longer than `maxPollIntervalMs`: the consumer has left its group, so that others go on with its partitions. Whoever
 * reads again makes it a member again.
 */
export class MaxPollIntervalError extends KafkaError {
  override readonly code = "MAX_POLL_INTERVAL_EXCEEDED";
  override readonly retriable = true;
  readonly group: string;
  /** For how long nobody has read. */
  readonly awayMs: number;

  constructor({ group, awayMs, maxPollIntervalMs }: { group: string; awayMs: number; maxPollIntervalMs: number }) {
    super(
      `group '${harmlessText(group)}': nobody has read for ${Math.round(awayMs)} ms (maxPollIntervalMs ${maxPollIntervalMs}), so this consumer ` +
        "has left; read again to come back. Raise maxPollIntervalMs, lower maxPollRecords, or process faster",
    );
    this.group = group;
    this.awayMs = awayMs;
  }
}

/** Nothing is committed for these partitions, and `autoOffsetReset: 'none'` leaves open where to begin. */
export class NoOffsetError extends KafkaError {
  override readonly code = "NO_OFFSET";
  override readonly retriable = false;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  readonly group: string | undefined;

  constructor(partitions: readonly Place[], options: { readonly group?: string; readonly cause?: unknown } = {}) {
    const { cause, group } = options;
    const lack = group === undefined ? "there is no position" : `no offset was committed by group '${harmlessText(group)}'`;
    super(`${lack} for ${listed(partitions.map(nameOf))}; seek to where to begin, or set autoOffsetReset`, { cause });
    this.partitions = partitions;
    this.group = group;
  }
}

/** A position that its partition's log does not have, and what it has instead, as far as that is known. */
export interface PositionOutOfRange extends Place {
  /** What was asked for. */
  readonly offset: number;
  readonly logStartOffset?: number;
  readonly endOffset?: number;
}

/** The log begins after the position (retention has deleted records), or ends before it, and `autoOffsetReset` is 'none'. */
export class OffsetOutOfRangeError extends KafkaError {
  override readonly code = "OFFSET_OUT_OF_RANGE";
  override readonly retriable = false;
  readonly positions: readonly PositionOutOfRange[];

  constructor(positions: readonly PositionOutOfRange[], options: { readonly cause?: unknown } = {}) {
    const places = positions.map((position) => `${nameOf(position)} offset ${position.offset}${rangeOf(position)}`);
    super(`out of range: ${listed(places)}; seek to an offset that exists, or set autoOffsetReset`, options);
    this.positions = positions;
  }
}

/** `wakeup()` was called: whoever was reading, or comes next to read, gets this instead. Nothing is lost by it. */
export class WakeupError extends KafkaError {
  override readonly code = "WAKEUP";
  override readonly retriable = true;

  constructor() {
    super("reading was interrupted by wakeup(); call again to go on");
  }
}

/** Where two logs part: the first offset that is another record, and the leader epoch of the one before, -1 for unknown. */
export interface LogDivergence {
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface LogTruncationErrorInit extends Place {
  /** The position: everything before it had been read. */
  readonly offset: number;
  /** Left out when the leader cannot tell. */
  readonly divergence?: LogDivergence | undefined;
  readonly cause?: unknown;
}

/**
 * Records that were read are not in the log any more, as after an election of a leader that never had them, and `autoOffsetReset` is
 * 'none' (KIP-320). What stands in their place now, from `divergence` on, are other records.
 */
export class LogTruncationError extends KafkaError {
  override readonly code = "LOG_TRUNCATION";
  override readonly retriable = false;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Undefined when the leader cannot tell. */
  readonly divergence: LogDivergence | undefined;

  constructor(init: LogTruncationErrorInit) {
    const { topic, partition, offset, divergence, cause } = init;
    const [where, what] =
      divergence === undefined
        ? ["somewhere before", "seek to where to go on"]
        : [`from offset ${divergence.offset} on, before`, `seek to offset ${divergence.offset} to read what is there now`];
    super(
      `${nameOf(init)}: the log was cut ${where} the position, ${offset}, and goes on differently; ${what}, or set autoOffsetReset`,
      {
        cause,
      },
    );
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.divergence = divergence;
  }
}

/** No answer has room for even the first batch at that offset. */
export class FetchTooLargeError extends KafkaError {
  override readonly code = "FETCH_TOO_LARGE";
  override readonly retriable = false;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** What was asked for last. */
  readonly maxBytes: number;

  constructor(init: Place & { readonly offset: number; readonly maxBytes: number }) {
    super(
      `${nameOf(init)} offset ${init.offset}: not even one batch fits into ${init.maxBytes} bytes, the largest answer that is accepted; ` +
        "raise receiveMessageMaxBytes, or seek to an offset behind it",
    );
    this.topic = init.topic;
    this.partition = init.partition;
    this.offset = init.offset;
    this.maxBytes = init.maxBytes;
  }
}

function nameOf({ topic, partition }: Place): string {
  return `topic '${harmlessText(topic)}' partition ${partition}`;
}

function rangeOf({ logStartOffset, endOffset }: PositionOutOfRange): string {
  if (logStartOffset === undefined && endOffset === undefined) return "";
  return ` (the log has ${logStartOffset ?? "?"} to ${endOffset ?? "?"})`;
}

/** A message has room for some of many thousands of partitions; the field has them all. */
function listed(places: readonly string[], most = 10): string {
  const rest = places.length - most;
  return places.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
