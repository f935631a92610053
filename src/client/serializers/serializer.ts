import type { RecordHeader } from "../producer/producer-record.ts";

/** What a key or a value is sent as. Text is written as UTF-8, straight into its batch. */
export type SerializedBytes = Uint8Array | string | null;

/** Turns keys or values into bytes. */
export interface Serializer<T> {
  /** Never called without a value: null and undefined are sent as null. What it throws, or rejects with, fails the record. */
  serialize(value: T, topic: string, headers?: readonly RecordHeader[]): SerializedBytes | Promise<SerializedBytes>;
}

/** Turns the bytes of keys or values back. */
export interface Deserializer<T> {
  deserialize(bytes: Uint8Array | null, topic: string, headers?: readonly RecordHeader[]): T | Promise<T>;
}

/** Both ways, and at once. Null stays null; `Read` is what comes back, where that is less than what may be written. */
export interface Serde<Written, Read = Written> extends Serializer<Written>, Deserializer<Read | null> {
  serialize(value: Written, topic: string, headers?: readonly RecordHeader[]): SerializedBytes;
  deserialize(bytes: Uint8Array | null, topic: string, headers?: readonly RecordHeader[]): Read | null;
}
