import type { RecordBytes } from "../../../protocol/index.ts";
import type { RecordHeader } from "../producer-record.ts";
import type { FlushWait } from "./flush-wait.ts";
import type { Told } from "./recipient.ts";

/** What a record has become once it is serialized. */
export interface SerializedRecord {
  readonly key: RecordBytes;
  readonly value: RecordBytes;
  readonly headers: readonly RecordHeader[];
  readonly partition: number | undefined;
  readonly timestamp: number;
}

export interface WaitingInit {
  readonly recipient: Told | undefined;
  readonly sinceMs: number;
  readonly dueMs: number;
  /** Taken from the memory already: those behind `produce`, which have been promised a place. */
  readonly reservedBytes: number;
}

/** A record that cannot be put into a batch yet: its topic is not known, a serializer is at work, there is no memory, or others wait before it. */
export class WaitingRecord {
  readonly recipient: Told | undefined;
  /** Monotonic, as all times here. */
  readonly sinceMs: number;
  readonly dueMs: number;
  reservedBytes: number;
  /** The topic was looked at anew on its behalf. */
  hasLooked = false;
  readonly flushes: FlushWait[] = [];
  /** Undefined while a serializer is at work. */
  serialized: SerializedRecord | undefined;
  /** Nobody waits for it any more: it is skipped. */
  isGone = false;
  /** Lets go of the caller's signal. */
  stopListening: (() => void) | undefined;

  constructor({ recipient, sinceMs, dueMs, reservedBytes }: WaitingInit) {
    this.recipient = recipient;
    this.sinceMs = sinceMs;
    this.dueMs = dueMs;
    this.reservedBytes = reservedBytes;
  }
}
