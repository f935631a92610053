import type { EmbeddedBroker } from "../../../src/broker/index.ts";

/** How a topic was for a while. Undefined stands for "there was none". */
export interface TopicTruth {
  readonly id: string;
  readonly partitions: number;
}

interface Leadership {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

interface Seen {
  readonly id: string;
  readonly count: number;
  readonly leaders: Leadership[];
}

interface Period {
  readonly state: TopicTruth | undefined;
  /** The look that saw it first. */
  readonly from: number;
}

/**
 * What was true of the cluster, and when. It is looked at between any two timers, and times are counted in looks: a clock's
 * milliseconds could not tell apart what happened within one of them.
 */
export class Truth {
  readonly #broker: EmbeddedBroker;
  readonly #topics = new Map<string, Period[]>();
  readonly #nameOfId = new Map<string, string>();
  /** By topic id, partition and epoch: who led. A partition that is made while no node is up gets its first leader in its first epoch. */
  readonly #leaders = new Map<string, Set<number>>();
  /** By topic id, of each partition: so often looked at that making keys for them would be most of the work. */
  readonly #newest = new Map<string, Leadership[]>();
  /** By name: the topics that were there at the last look. */
  readonly #present = new Map<string, Seen>();
  readonly #staleness: { readonly from: number; to: number }[] = [];
  #look = 0;

  constructor(broker: EmbeddedBroker) {
    this.#broker = broker;
    this.look();
  }

  /** Looks at the cluster; gives the number of the look. */
  look(): number {
    this.#look++;
    const topics = this.#broker.topics;
    for (const { name, id, partitions } of topics) {
      let seen = this.#present.get(name);
      if (seen?.id !== id || seen.count !== partitions.length) {
        seen = { id, count: partitions.length, leaders: this.#newest.get(id) ?? [] };
        this.#present.set(name, seen);
        this.#newest.set(id, seen.leaders);
        this.#nameOfId.set(id, name);
        this.#see(name, { id, partitions: partitions.length });
      }
      this.#seeLeaders(seen, partitions);
    }
    if (this.#present.size > topics.length) this.#miss(new Set(topics.map(({ name }) => name)));
    return this.#look;
  }

  /** All states of the name from one look to another; the first may have begun before. */
  statesOf(name: string, from: number, to: number = this.#look): readonly (TopicTruth | undefined)[] {
    const periods = this.#topics.get(name);
    if (periods === undefined) return [undefined];
    const during = periods.filter(
      (period, index) => period.from <= to && (periods[index + 1]?.from ?? Number.POSITIVE_INFINITY) > from,
    );
    const first = periods[0];
    const wasUnknown = first !== undefined && first.from > from;
    return [...(wasUnknown ? [undefined] : []), ...during.map(({ state }) => state)];
  }

  /** From now on somebody tells the state of now, and only that, until the returned function is called. */
  standsStill(): () => void {
    const period = { from: this.look(), to: Number.POSITIVE_INFINITY };
    this.#staleness.push(period);
    return () => {
      period.to = this.look();
    };
  }

  /** Since when what is told from this look on may be out of date: the look itself, or an earlier one whose state was still told then. */
  staleFrom(from: number): number {
    return Math.min(from, ...this.#staleness.filter(({ to }) => to >= from).map((period) => period.from));
  }

  /** How it is now. */
  topic(name: string): TopicTruth | undefined {
    return this.#topics.get(name)?.at(-1)?.state;
  }

  /** Names of topics that are there now. */
  get names(): readonly string[] {
    return [...this.#topics.keys()].filter((name) => this.topic(name) !== undefined);
  }

  /** All topics that ever had the name, in their order. */
  idsOf(name: string): readonly string[] {
    return [...new Set((this.#topics.get(name) ?? []).flatMap(({ state }) => state?.id ?? []))];
  }

  nameOf(topicId: string): string | undefined {
    return this.#nameOfId.get(topicId);
  }

  /** Whether the node led in that epoch. */
  wasLeader(leaderId: number, topicId: string, partition: number, leaderEpoch: number): boolean {
    return this.#leaders.get(`${topicId}/${partition}/${leaderEpoch}`)?.has(leaderId) === true;
  }

  #seeLeaders({ id, leaders }: Seen, partitions: readonly Leadership[]): void {
    for (let index = 0; index < partitions.length; index++) {
      const { leaderId, leaderEpoch } = partitions[index]!;
      const newest = leaders[index];
      if (newest?.leaderEpoch === leaderEpoch && newest.leaderId === leaderId) continue;
      leaders[index] = { leaderId, leaderEpoch };
      const key = `${id}/${index}/${leaderEpoch}`;
      this.#leaders.set(key, (this.#leaders.get(key) ?? new Set()).add(leaderId));
    }
  }

  /** Some that were there are not any more. */
  #miss(present: ReadonlySet<string>): void {
    for (const name of this.#present.keys()) {
      if (present.has(name)) continue;
      this.#present.delete(name);
      this.#see(name, undefined);
    }
  }

  #see(name: string, state: TopicTruth | undefined): void {
    const periods = this.#topics.get(name);
    const last = periods?.at(-1)?.state;
    if (periods !== undefined && last?.id === state?.id && last?.partitions === state?.partitions) return;
    if (periods === undefined) this.#topics.set(name, [{ state, from: this.#look }]);
    else periods.push({ state, from: this.#look });
  }
}
