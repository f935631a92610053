import type { RecordCursor } from "../../../protocol/index.ts";
import type { BatchOrigin } from "./batch-origin.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import { timestampDeltaAt } from "./timestamp-delta.ts";

/** A record of a consumer without deserializers: positions in its batch until somebody asks for key, value or headers. */
export class BytesRecord extends ConsumerRecord {
  /** The one that a cursor stands on. */
  constructor(origin: BatchOrigin, cursor: RecordCursor) {
    super(
      origin,
      cursor.offsetDelta,
      timestampDeltaAt(origin, cursor),
      cursor.keyStart,
      cursor.keySize,
      cursor.valueStart,
      cursor.valueSize,
    );
  }

  get key(): Uint8Array | null {
    return this.rawKey;
  }

  get value(): Uint8Array | null {
    return this.rawValue;
  }
}
