/** How much may be asked for: what is fetched and not read has a bound, however slow the reader is (F29, R2). */

/** More in one answer brings no speed, only memory that is held at once. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

export interface BudgetSettings {
  readonly fetchMaxBytes: number;
  readonly maxPartitionFetchBytes: number;
}

export interface BudgetUse {
  /** Fetched and not read; without what belongs to paused partitions, which nobody reads. */
  readonly buffered: number;
  /** What requests on their way may bring. */
  readonly asked: number;
  /** Who have something to be asked for. */
  readonly brokers: number;
}

export class FetchBudget {
  readonly #settings: BudgetSettings;
  /** Of the whole consumer. */
  readonly total: number;

  constructor(settings: BudgetSettings) {
    this.#settings = settings;
    this.total = Math.max(settings.fetchMaxBytes, 2 * settings.maxPartitionFetchBytes);
  }

  /** Half of it is for what waits to be read: beyond that nothing is asked. The other half is for what is on its way. */
  isSpent(buffered: number): boolean {
    return buffered > this.total / 2;
  }

  /**
   * How much an answer may bring; undefined for nothing now. The brokers share: none of them can keep the others from being asked,
   * with requests that wait for records.
   */
  maxBytes({ buffered, asked, brokers }: BudgetUse): number | undefined {
    if (this.isSpent(buffered)) return undefined;
    const { fetchMaxBytes, maxPartitionFetchBytes } = this.#settings;
    const share = Math.floor(this.total / 2 / Math.max(1, brokers));
    const most = Math.min(LARGEST_ANSWER, share, this.total - buffered - asked);
    return Math.min(fetchMaxBytes, Math.max(most, maxPartitionFetchBytes));
  }
}
