import { DeserializationError } from "../errors.ts";
import type { Deserializer } from "./serializer.ts";

type HeaderList = readonly (readonly [name: string, value: Uint8Array | null])[];

/** A record as it came. */
export interface SerializedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly rawKey: Uint8Array | null;
  readonly rawValue: Uint8Array | null;
  readonly headers: HeaderList;
}

/** A consumer's keys, or its values, on their way from bytes: whatever goes wrong tells of which record, and has what came. */
export class PartDeserializer {
  readonly #part: "key" | "value";
  readonly #deserializer: Deserializer<unknown> | undefined;
  readonly #isShared: boolean;

  /** @param isShared whether a share consumer reads, who is advised otherwise */
  constructor(part: "key" | "value", deserializer: Deserializer<unknown> | undefined, isShared: boolean = false) {
    this.#part = part;
    this.#deserializer = deserializer;
    this.#isShared = isShared;
  }

  /**
   * At once, unless the deserializer takes its time; bytes and null as they are when there is none.
   *
   * @param headers those of the record, which the caller has at hand
   * @throws DeserializationError, or rejects with it
   */
  deserialize(record: SerializedRecord, headers: HeaderList): unknown {
    const bytes = this.#part === "key" ? record.rawKey : record.rawValue;
    const deserializer = this.#deserializer;
    if (deserializer === undefined) return bytes;
    let read: unknown;
    try {
      read = deserializer.deserialize(bytes, record.topic, headers);
    } catch (error) {
      throw this.#failure(error, record);
    }
    return isThenable(read) ? this.#later(read, record) : read;
  }

  async #later(reading: PromiseLike<unknown>, record: SerializedRecord): Promise<unknown> {
    try {
      return await reading;
    } catch (error) {
      throw this.#failure(error, record);
    }
  }

  #failure(cause: unknown, record: SerializedRecord): DeserializationError {
    const { topic, partition, offset, timestamp, rawKey: key, rawValue: value, headers } = record;
    const whose = { part: this.#part, isShared: this.#isShared };
    return new DeserializationError({ topic, partition, offset, timestamp, key, value, headers, cause, ...whose });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
