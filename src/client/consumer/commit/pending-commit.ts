import type { Deadline } from "../../async/deadline.ts";
import { FailedAttempts } from "../../cluster/failed-attempts.ts";
import { PartitionMap } from "../topic-partition.ts";
import type { CommitEntry } from "./commit-entry.ts";
import type { GroupIdentity } from "./group-identity.ts";

export interface PendingCommitInit {
  readonly entries: readonly CommitEntry[];
  readonly identity: GroupIdentity;
  /** Asked of a failure that may pass: whether to try again. */
  readonly retries: (error: Error) => boolean;
}

/** One call's commit, from the call until every one of its partitions is stored, or one is refused. */
export class PendingCommit {
  readonly promise: Promise<void>;
  readonly retries: (error: Error) => boolean;
  /** In whose name; of a commit that found its epoch stale, the one that it has by then. */
  identity: GroupIdentity;
  isStale = false;
  /** The place in the order of all calls. */
  order = 0;
  /** Since it may be sent. */
  deadline: Deadline | undefined;
  /** Not sent again before (monotonic). */
  restUntilMs = 0;
  isUnderWay = false;
  readonly #outstanding = new PartitionMap<CommitEntry>();
  readonly #failed: FailedAttempts;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor({ entries, identity, retries }: PendingCommitInit) {
    this.identity = identity;
    this.retries = retries;
    for (const entry of entries) this.#outstanding.set(entry.topic, entry.partition, entry);
    this.#failed = new FailedAttempts(`committing offsets of group '${identity.groupId}'`);
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever has made it waits for it in the call; a call that ended before is told of its own end.
    this.promise.catch(() => undefined);
  }

  get isSettled(): boolean {
    return this.#settle === undefined;
  }

  get failures(): number {
    return this.#failed.count;
  }

  /** What is not stored yet. */
  outstanding(): Iterable<CommitEntry> {
    return this.#outstanding.values();
  }

  isWaitingFor({ topic, partition }: CommitEntry): boolean {
    return this.#outstanding.has(topic, partition);
  }

  /** Something that is newer may be stored: it is what is sent from now on. */
  raise(entry: CommitEntry): void {
    this.#outstanding.set(entry.topic, entry.partition, entry);
  }

  stored({ topic, partition }: CommitEntry): void {
    this.#outstanding.delete(topic, partition);
    if (this.#outstanding.size === 0) this.#end()?.resolve();
  }

  fail(error: Error): void {
    this.#end()?.reject(error);
  }

  /** An attempt was in vain; the next one comes later. */
  failedOnce(error: Error, mayBeStored: boolean): void {
    this.#failed.mayBeApplied(mayBeStored);
    this.#failed.add(error);
  }

  timedOut(timeoutMs: number): Error {
    this.#failed.mayBeApplied(this.isUnderWay);
    return this.#failed.timedOut(timeoutMs);
  }

  #end() {
    const settle = this.#settle;
    this.#settle = undefined;
    return settle;
  }
}
