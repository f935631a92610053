import type { RecordCursor } from "../../protocol/index.ts";
import type { BatchOrigin } from "../consumer/records/batch-origin.ts";
import { BytesRecord } from "../consumer/records/bytes-record.ts";
import type { ConsumerRecord, ConsumerRecordJson } from "../consumer/records/consumer-record.ts";
import { DeserializedRecord } from "../consumer/records/deserialized-record.ts";

/** A record of a share group: it is locked for this consumer until it is acknowledged, or the lock runs out. */
export interface ShareRecord<K = Uint8Array | null, V = Uint8Array | null> extends ConsumerRecord<K, V> {
  /** How often it was delivered, with this time. At the limit that the broker sets it is not delivered again. */
  readonly deliveryCount: number;
  toJSON(): ShareRecordJson;
}

export interface ShareRecordJson extends ConsumerRecordJson {
  readonly deliveryCount: number;
}

/** The parts of a share consumer hand records on without knowing what its deserializers make. */
export type AnyShareRecord = ShareRecord<unknown, unknown>;

export class ShareBytesRecord extends BytesRecord implements ShareRecord {
  readonly deliveryCount: number;

  constructor(origin: BatchOrigin, cursor: RecordCursor, deliveryCount: number) {
    super(origin, cursor);
    this.deliveryCount = deliveryCount;
  }

  override toJSON(): ShareRecordJson {
    return { ...super.toJSON(), deliveryCount: this.deliveryCount };
  }
}

export class ShareDeserializedRecord extends DeserializedRecord implements AnyShareRecord {
  readonly deliveryCount: number;

  constructor(origin: BatchOrigin, cursor: RecordCursor, deliveryCount: number) {
    super(origin, cursor);
    this.deliveryCount = deliveryCount;
  }

  override toJSON(): ShareRecordJson {
    return { ...super.toJSON(), deliveryCount: this.deliveryCount };
  }
}

/** That they are what the consumer was declared with is the user's word, which is taken here and nowhere else. */
export function typedRecords<K, V>(records: readonly AnyShareRecord[]): readonly ShareRecord<K, V>[];
export function typedRecords(records: readonly AnyShareRecord[]): readonly AnyShareRecord[] {
  return records;
}
