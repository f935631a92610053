// Records of `__consumer_offsets` that say what a group has committed: OffsetCommitKey and OffsetCommitValue of Kafka's group coordinator.

import type { PartitionName, StoredCommit } from "./history.ts";

/** Of keys: both are of commits, other numbers of groups and their members. */
const LAST_COMMIT_KEY = 1;
/** Of values: with an expiry before this version, with a leader epoch from it on. */
const WITH_EPOCH = 3;
/** From here on lengths are varints, one more than they say. */
const COMPACT = 4;

export interface CommitKey {
  readonly group: string;
  readonly partition: PartitionName;
}

/** Undefined for a record that is about something else. */
export function commitKeyFrom(bytes: Uint8Array): CommitKey | undefined {
  const at = new Cursor(bytes);
  if (at.int16() > LAST_COMMIT_KEY) return undefined;
  const group = at.text(at.int16());
  const topic = at.text(at.int16());
  return { group, partition: `${topic}-${at.int32()}` };
}

export function storedCommitFrom(bytes: Uint8Array): StoredCommit {
  const at = new Cursor(bytes);
  const version = at.int16();
  const offset = at.int64();
  if (version >= WITH_EPOCH) at.int32();
  // The metadata of the commit.
  at.text(version >= COMPACT ? at.varint() - 1 : at.int16());
  return { offset, atMs: at.int64() };
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): number {
    this.#at += 8;
    return Number(this.#bytes.readBigInt64BE(this.#at - 8));
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  text(length: number): string {
    this.#at += length;
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }
}
