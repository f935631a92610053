import { SerializationError } from "../errors.ts";
import type { RecordHeader } from "../producer/producer-record.ts";
import { isBytes } from "./is-bytes.ts";
import { kindOf } from "./serde.ts";
import type { SerializedBytes, Serializer } from "./serializer.ts";

/** A producer's keys, or its values, on their way to bytes: whatever goes wrong tells of which topic and which part. */
export class PartSerializer {
  readonly #part: "key" | "value";
  readonly #serializer: Serializer<unknown> | undefined;

  constructor(part: "key" | "value", serializer: Serializer<unknown> | undefined) {
    this.#part = part;
    this.#serializer = serializer;
  }

  /** There is no serializer: bytes and text go as they are. */
  get isPlain(): boolean {
    return this.#serializer === undefined;
  }

  /**
   * At once, unless the serializer takes its time.
   *
   * @throws SerializationError, or rejects with it
   */
  serialize(value: unknown, topic: string, headers: readonly RecordHeader[]): SerializedBytes | Promise<SerializedBytes> {
    if (value === null || value === undefined) return null;
    const serializer = this.#serializer;
    if (serializer === undefined) return this.#plain(value, topic);
    let serialized: unknown;
    try {
      serialized = serializer.serialize(value, topic, headers);
    } catch (error) {
      throw this.#failure(error, topic);
    }
    return isThenable(serialized) ? this.#later(serialized, topic) : this.#checked(serialized, topic);
  }

  async #later(promise: PromiseLike<unknown>, topic: string): Promise<SerializedBytes> {
    let serialized: unknown;
    try {
      serialized = await promise;
    } catch (error) {
      throw this.#failure(error, topic);
    }
    return this.#checked(serialized, topic);
  }

  #plain(value: unknown, topic: string): SerializedBytes {
    if (typeof value === "string" || isBytes(value)) return value;
    const part = this.#part;
    throw new SerializationError(`${kindOf(value)} has no bytes of its own; give the producer a ${part}Serializer`, {
      topic,
      part,
    });
  }

  #checked(serialized: unknown, topic: string): SerializedBytes {
    if (typeof serialized === "string" || serialized === null || isBytes(serialized)) return serialized;
    const part = this.#part;
    throw new SerializationError(`its serializer gave ${kindOf(serialized)} instead of bytes, text or null`, { topic, part });
  }

  #failure(error: unknown, topic: string): SerializationError {
    const part = this.#part;
    if (error instanceof SerializationError) return new SerializationError(error.problem, { topic, part, cause: error.cause });
    // What a serializer says often quotes what it was given; that stays in `cause`.
    const thrown = error instanceof Error ? error.name : kindOf(error);
    return new SerializationError(`its serializer has thrown ${thrown}`, { topic, part, cause: error });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
