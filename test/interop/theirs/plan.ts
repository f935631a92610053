// What other people's producers are told to do, step by step, as JSON that each of their programs can follow. Bytes are hexadecimal.

/** A record as its producer is to send it. */
export interface PlannedRecord {
  readonly partition: number;
  /** Milliseconds, as text because it may be any number of 64 bits; null leaves it to the producer. */
  readonly timestamp: string | null;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

/** What one producer, whom the plan calls `by`, does next. */
export type Step =
  | {
      readonly do: "open";
      readonly by: string;
      readonly codec: Codec;
      readonly batchBytes: number;
      readonly transactionalId: string | null;
    }
  | { readonly do: "begin" | "commit" | "abort" | "close"; readonly by: string }
  /** Ends when the broker has acknowledged all of them. */
  | { readonly do: "send"; readonly by: string; readonly records: readonly PlannedRecord[] };

export type Codec = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export const CODECS: readonly Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/** Where the broker has put a record, and with which time, as its producer was told; -1 for a time that it was not told. */
export type Told = readonly [offset: number, timestamp: number];

/** What a client's producer can be asked for. */
export interface Abilities {
  /** Times that it can give to a record. Without any, records have the time at which they were sent. */
  readonly timestamps: readonly string[];
  readonly nullHeaders: boolean;
  /** Values that are no text. */
  readonly binaryHeaders: boolean;
  /** A name of no letters at all. */
  readonly namelessHeaders: boolean;
  /** No key, and nothing in the value. */
  readonly emptyRecords: boolean;
  /** Whether it is told the times that the broker has set. */
  readonly tellsBrokerTimes: boolean;
  /** The partitions of one transaction. */
  readonly transactionPartitions: 1 | 2;
}

export function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
