/** What a broker keeps of us, as far as we know: which partitions are read there, and how many requests there have been. */
import { INITIAL_SHARE_SESSION_EPOCH } from "../../protocol/index.ts";

export interface SessionPartition {
  readonly topicId: string;
  readonly partition: number;
}

/** What the next fetch has to say. */
export interface SessionChanges {
  readonly named: readonly SessionPartition[];
  readonly forgotten: readonly SessionPartition[];
}

const LAST_EPOCH = 0x7fff_ffff;

export class ShareSession {
  #epoch = INITIAL_SHARE_SESSION_EPOCH;
  #life = 0;
  #held = new Map<string, SessionPartition>();

  /** Of the next request. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Of sessions, one after the other: what was locked in one is not in the next. */
  get life(): number {
    return this.#life;
  }

  /** The next request opens it. */
  get isNew(): boolean {
    return this.#epoch === INITIAL_SHARE_SESSION_EPOCH;
  }

  /** Brings what the broker reads for us to what is wanted. */
  changes(wanted: Iterable<SessionPartition>): SessionChanges {
    const next = new Map<string, SessionPartition>();
    for (const place of wanted) next.set(`${place.topicId} ${place.partition}`, place);
    const named = [...next].filter(([key]) => !this.#held.has(key)).map(([, place]) => place);
    const forgotten = [...this.#held].filter(([key]) => !next.has(key)).map(([, place]) => place);
    this.#held = next;
    return { named, forgotten };
  }

  /** The broker has counted a request. */
  answered(): void {
    this.#epoch = this.#epoch === LAST_EPOCH ? 1 : this.#epoch + 1;
  }

  /** It is over, or nobody knows: the next request opens another, and ends the one before. */
  restart(): void {
    this.#life++;
    this.#epoch = INITIAL_SHARE_SESSION_EPOCH;
    this.#held = new Map();
  }
}
