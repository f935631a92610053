import type { TopicView } from "./topic-partitioner.ts";

export interface NextPartitionConfig {
  readonly partitionerAdaptive: boolean;
  readonly partitionerAvailabilityTimeoutMs: number;
  readonly partitionerRackAware: boolean;
  readonly clientRack: string;
}

type Candidate = (partition: number) => boolean;

/**
 * Picks a partition among those that have a leader, by chance. Adaptive (KIP-794), the chance falls with the number of batches that wait:
 * a partition where none waits is `most + 1` times as likely as one where the most wait. Rack-aware (KIP-1123), leaders nearby come first.
 * Each of this is a wish: where nobody fulfils it, it is dropped.
 */
export class NextPartition {
  readonly #config: NextPartitionConfig;
  readonly #view: TopicView;
  readonly #random: () => number;
  /** The first that anybody fulfils decides. */
  readonly #wishes: readonly Candidate[];
  /** The batches that wait for each, while one is being picked; -1 for those that are not to be. */
  #queued = new Int32Array(0);

  constructor(config: NextPartitionConfig, view: TopicView, random: () => number) {
    this.#config = config;
    this.#view = view;
    this.#random = random;
    this.#wishes = wishesOf(config, view);
  }

  choose(): number {
    if (this.#queued.length < this.#view.partitionCount) this.#queued = new Int32Array(this.#view.partitionCount);
    for (const wish of this.#wishes) {
      const sum = this.#weigh(wish);
      if (sum > 0) return this.#at(Math.floor(this.#random() * sum));
    }
    return Math.floor(this.#random() * this.#view.partitionCount);
  }

  isAnyAvailable(): boolean {
    for (let partition = 0; partition < this.#view.partitionCount; partition++) if (this.#view.hasLeader(partition)) return true;
    return false;
  }

  /** Turns what waits into weights; the sum of them, 0 if nobody fulfils the wish. */
  #weigh(wish: Candidate): number {
    const view = this.#view;
    const queued = this.#queued;
    let most = 0;
    let count = 0;
    let waiting = 0;
    for (let partition = 0; partition < view.partitionCount; partition++) {
      const isIn = view.hasLeader(partition) && wish(partition);
      const here = isIn && this.#config.partitionerAdaptive ? view.queuedBatches(partition) : 0;
      queued[partition] = isIn ? here : -1;
      if (!isIn) continue;
      count++;
      waiting += here;
      if (here > most) most = here;
    }
    for (let partition = 0; partition < view.partitionCount; partition++)
      queued[partition] = queued[partition] === -1 ? 0 : most + 1 - queued[partition]!;
    return count * (most + 1) - waiting;
  }

  /** The partition whose weight begins at or before `position`, and ends behind it. */
  #at(position: number): number {
    let rest = position;
    let partition = 0;
    while (rest >= this.#queued[partition]!) rest -= this.#queued[partition++]!;
    return partition;
  }
}

function wishesOf(config: NextPartitionConfig, view: TopicView): readonly Candidate[] {
  const { partitionerAdaptive, partitionerAvailabilityTimeoutMs, partitionerRackAware, clientRack } = config;
  const isNear: Candidate = (partition) => view.leaderRack(partition) === clientRack;
  const moves: Candidate = (partition) => view.stuckMs(partition) <= partitionerAvailabilityTimeoutMs;
  const any: Candidate = () => true;
  const looksAtMoving = partitionerAdaptive && partitionerAvailabilityTimeoutMs > 0;
  const wishes: Candidate[] = [];
  if (looksAtMoving && partitionerRackAware) wishes.push((partition) => moves(partition) && isNear(partition));
  if (looksAtMoving) wishes.push(moves);
  if (partitionerRackAware) wishes.push(isNear);
  return [...wishes, any];
}
