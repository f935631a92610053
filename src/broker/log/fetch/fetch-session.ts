/**
 * Fetch sessions (KIP-227): the broker remembers which partitions a client reads, so that neither the requests nor the answers
 * have to name those for which nothing has changed.
 */
import { type FetchResult, isFailed } from "./fetch-result.ts";
import type { PartitionKey, WantedPartition } from "./wanted-partition.ts";

const FIRST_EPOCH = 1;
const LAST_EPOCH = 0x7fff_ffff;
const UNKNOWN_OFFSET = -1;

/** What the client was last told of a partition. */
interface Told {
  highWatermark: number;
  logStartOffset: number;
}

interface CachedPartition {
  wanted: WantedPartition;
  readonly told: Told;
}

export class FetchSession {
  readonly id: number;
  /** Of a broker: kept before those of consumers. */
  readonly isPrivileged: boolean;
  readonly usesTopicIds: boolean;
  readonly createdMs: number;
  lastUsedMs: number;
  /** That the next fetch has to name. */
  epoch: number = FIRST_EPOCH;
  /** In the order in which they are read: who got data goes to the end, so that everybody has a turn. */
  readonly #partitions = new Map<PartitionKey, CachedPartition>();

  constructor(init: {
    readonly id: number;
    readonly isPrivileged: boolean;
    readonly usesTopicIds: boolean;
    readonly nowMs: number;
    readonly results: readonly FetchResult[];
  }) {
    this.id = init.id;
    this.isPrivileged = init.isPrivileged;
    this.usesTopicIds = init.usesTopicIds;
    this.createdMs = init.nowMs;
    this.lastUsedMs = init.nowMs;
    for (const { key, wanted, highWatermark, logStartOffset } of init.results) {
      this.#partitions.set(key, { wanted, told: { highWatermark, logStartOffset } });
    }
  }

  get size(): number {
    return this.#partitions.size;
  }

  update(wanted: ReadonlyMap<PartitionKey, WantedPartition>, forgotten: readonly PartitionKey[]): void {
    for (const [key, partition] of wanted) {
      const cached = this.#partitions.get(key);
      if (cached === undefined) {
        this.#partitions.set(key, { wanted: partition, told: { highWatermark: UNKNOWN_OFFSET, logStartOffset: UNKNOWN_OFFSET } });
      } else {
        // The name stays as it was found: a topic that took the place of another one is noticed by its id.
        cached.wanted = { ...partition, topic: cached.wanted.topic ?? partition.topic };
      }
    }
    for (const key of forgotten) this.#partitions.delete(key);
  }

  advanceEpoch(): void {
    this.epoch = epochAfter(this.epoch);
  }

  /** All partitions, with names that were found in the meantime. */
  wanted(nameOf: (topicId: string) => string | undefined): Map<PartitionKey, WantedPartition> {
    const all = new Map<PartitionKey, WantedPartition>();
    for (const [key, cached] of this.#partitions) {
      if (cached.wanted.topic === undefined) cached.wanted = { ...cached.wanted, topic: nameOf(cached.wanted.topicId) };
      all.set(key, cached.wanted);
    }
    return all;
  }

  /** Those results that are news to the client. */
  news(results: readonly FetchResult[]): FetchResult[] {
    return results.filter((result) => this.#isNews(result));
  }

  #isNews(result: FetchResult): boolean {
    const cached = this.#partitions.get(result.key);
    if (cached === undefined) return true;
    const { told } = cached;
    const hasRecords = result.records.length > 0;
    const hasChanged = told.highWatermark !== result.highWatermark || told.logStartOffset !== result.logStartOffset;
    // After an error the partition is news again, whatever it says then.
    told.highWatermark = isFailed(result) ? UNKNOWN_OFFSET : result.highWatermark;
    told.logStartOffset = result.logStartOffset;
    if (hasRecords) {
      this.#partitions.delete(result.key);
      this.#partitions.set(result.key, cached);
    }
    return hasRecords || hasChanged || isFailed(result) || result.divergingEpoch !== undefined;
  }
}

export function epochAfter(epoch: number): number {
  return epoch === LAST_EPOCH ? FIRST_EPOCH : epoch + 1;
}
