import type { ConsumerRecord } from "../../index.ts";

/** As much of a record as is shown. */
export type ReadRecord = Pick<
  ConsumerRecord,
  | "topic"
  | "partition"
  | "offset"
  | "timestamp"
  | "timestampType"
  | "leaderEpoch"
  | "key"
  | "value"
  | "headers"
  | "serializedKeySize"
  | "serializedValueSize"
>;

/** How records look: what is written before the first, and for each of them. */
export interface RecordWriter {
  readonly head?: string;
  write(record: ReadRecord): Uint8Array | string;
}

export interface WriterOptions {
  /** A person looks at it: nothing may act on the terminal. */
  readonly isTerminal: boolean;
  /** Shows keys, and stands between key and value. */
  readonly keySeparator: string | undefined;
  readonly showsHeaders: boolean;
  /** What null looks like. */
  readonly nullMarker: string;
}
