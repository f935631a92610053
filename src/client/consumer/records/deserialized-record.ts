import type { RecordCursor, RecordHeader } from "../../../protocol/index.ts";
import type { PartDeserializer, SerializedRecord } from "../../serializers/part-deserializer.ts";
import type { BatchOrigin } from "./batch-origin.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import { timestampDeltaAt } from "./timestamp-delta.ts";

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/** A record of a consumer with deserializers: its key and value are what they have made of the bytes. */
export class DeserializedRecord extends ConsumerRecord<unknown, unknown> implements SerializedRecord {
  key: unknown = undefined;
  value: unknown = undefined;

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

  /**
   * Itself, when key and value are there: at once, unless a deserializer takes its time.
   *
   * @throws DeserializationError, or rejects with it
   */
  deserialize(keys: PartDeserializer, values: PartDeserializer): this | Promise<this> {
    const { views, hasHeaders } = this.origin;
    // Most records have none, and most deserializers do not look at them.
    const headers = !hasHeaders || views.bytes[this.headersStart] === 0 ? NO_HEADERS : this.headers;
    const key = keys.deserialize(this, headers);
    if (key instanceof Promise) return this.#complete(key, () => values.deserialize(this, headers));
    const value = values.deserialize(this, headers);
    if (value instanceof Promise) return this.#complete(key, () => value);
    this.key = key;
    this.value = value;
    return this;
  }

  async #complete(key: unknown, readValue: () => unknown): Promise<this> {
    this.key = await key;
    this.value = await readValue();
    return this;
  }
}
