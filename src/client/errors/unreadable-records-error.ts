import { KafkaError } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

export interface UnreadableRecordsErrorInit {
  readonly topic: string;
  readonly partition: number;
  /** The first record that was not handed out. */
  readonly offset: number;
  /** Behind the batch that cannot be read; undefined when nobody can tell where it ends. */
  readonly nextOffset: number | undefined;
  readonly cause: unknown;
}

/**
 * What was fetched cannot be read: its checksum does not fit, it is malformed, it unfolds to too much, or there is no codec for it.
 * `code` and `retriable` are those of the `cause`, which says what is wrong. The position stays where it is.
 */
export class UnreadableRecordsError extends KafkaError {
  override readonly code: string;
  override readonly retriable: boolean;
  readonly topic: string;
  readonly partition: number;
  /** The first record that was not handed out. */
  readonly offset: number;
  /** Behind the batch that cannot be read; undefined when nobody can tell where it ends. */
  readonly nextOffset: number | undefined;

  constructor({ topic, partition, offset, nextOffset, cause }: UnreadableRecordsErrorInit) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const remedy = nextOffset === undefined ? "" : `. To go on without the rest of its batch, seek to offset ${nextOffset}`;
    super(`topic '${harmlessText(topic)}' partition ${partition} offset ${offset} cannot be read: ${what}${remedy}`, { cause });
    this.code = cause instanceof KafkaError ? cause.code : "UNREADABLE_RECORDS";
    this.retriable = cause instanceof KafkaError && cause.retriable;
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.nextOffset = nextOffset;
  }
}
