import { type HashName, KeyHash } from "./key-hash.ts";
import type { StickyPartition } from "./sticky-partition.ts";
import type { TopicPartitioner, TopicView } from "./topic-partitioner.ts";

const NO_KEY = new Uint8Array(0);

/** Where records without a key go. */
export interface Keyless {
  readonly sticky: StickyPartition;
  /** Whether every record is taken for one. */
  readonly ignoreKeys: boolean;
  /** Whether an empty key is none. */
  readonly emptyIsNone?: boolean;
}

/** The same key, the same partition. Without `keyless`, no key at all is a key as well: the empty one. */
export class KeyPartitioner implements TopicPartitioner {
  readonly #hash: KeyHash;
  readonly #view: TopicView;
  readonly #sticky: StickyPartition | undefined;
  readonly #ignoreKeys: boolean;
  readonly #emptyIsNone: boolean;

  constructor(hash: HashName, view: TopicView, keyless?: Keyless) {
    this.#hash = new KeyHash(hash);
    this.#view = view;
    this.#sticky = keyless?.sticky;
    this.#ignoreKeys = keyless?.ignoreKeys ?? false;
    this.#emptyIsNone = keyless?.emptyIsNone ?? false;
  }

  choose(key: Uint8Array | string | null): number {
    const sticky = this.#sticky;
    if (sticky !== undefined) {
      if (key === null || this.#ignoreKeys || (key.length === 0 && this.#emptyIsNone)) return sticky.choose();
      sticky.pass();
    }
    return this.#hash.of(key ?? NO_KEY) % this.#view.partitionCount;
  }

  appended(partition: number, bytes: number, isBatchFull: boolean): void {
    this.#sticky?.appended(partition, bytes, isBatchFull);
  }
}
