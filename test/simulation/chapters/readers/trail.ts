/** A record that a reader was given, and how often its log had been disturbed by then. */
export interface Seen {
  readonly offset: number;
  readonly text: string;
  readonly disturbances: number;
}

export interface StretchInit {
  readonly clientId: string;
  readonly topic: string;
  readonly partition: number;
  readonly isCommitted: boolean;
  /** Where to go on when the log does not have the position. */
  readonly policy: "earliest" | "latest" | "none";
  /** The first offset that may come; undefined where nobody can say. */
  readonly from: number | undefined;
  /** Everything before is processed by others of the group, who may have committed so: what comes after must come. */
  readonly notBehind: number | undefined;
}

/** What was read of one partition between two seeks. */
export class Stretch {
  readonly init: StretchInit;
  readonly seen: Seen[] = [];
  /** Where its reader says he is, when he has left. */
  to: number | undefined;
  /** Given in another order than that of the log: several keys at a time. */
  isByKey = false;
  /** Left while some keys were further than others: there may be gaps. */
  hasGaps = false;

  constructor(init: StretchInit) {
    this.init = init;
  }

  /** Reading goes on elsewhere. */
  leave(): void {
    this.hasGaps = this.isByKey && this.to === undefined;
  }

  get place(): string {
    const { clientId, topic, partition } = this.init;
    return `${clientId} in ${topic}-${partition}`;
  }
}

/** Somebody said, or committed, that everything before `to` was read, although he had been given records only up to `from`. */
export interface Claim {
  readonly what: string;
  readonly topic: string;
  readonly partition: number;
  readonly isCommitted: boolean;
  readonly from: number;
  readonly to: number;
  /** These may lie between. */
  readonly except: ReadonlySet<number>;
}
