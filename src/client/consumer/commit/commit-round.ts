import { PartitionMap } from "../topic-partition.ts";
import type { CommitEntry } from "./commit-entry.ts";
import { commitError, mayBeStored, meaningOf } from "./commit-errors.ts";
import { type GroupIdentity, isSameIdentity } from "./group-identity.ts";
import type { PendingCommit } from "./pending-commit.ts";

/** What is sent for one partition, and the newest commit that wants it. */
interface Chosen {
  entry: CommitEntry;
  order: number;
  /** The next newer commit says something else beside the offset, and has to wait: either of the two may be refused for it alone. */
  isFull: boolean;
}

/** What goes in one request: for each partition, the newest of the commits that wait and fare alike. */
export class CommitRound {
  readonly identity: GroupIdentity;
  readonly #chosen = new PartitionMap<Chosen>();
  readonly #commits = new Set<PendingCommit>();

  private constructor(identity: GroupIdentity) {
    this.identity = identity;
  }

  /** @param commits all there are, in the order of their calls */
  static gather(commits: Iterable<PendingCommit>, nowMs: number): CommitRound | undefined {
    let round: CommitRound | undefined;
    for (const commit of commits) {
      if (commit.deadline === undefined || commit.restUntilMs > nowMs) continue;
      round ??= new CommitRound(commit.identity);
      if (!isSameIdentity(commit.identity, round.identity)) break;
      round.#take(commit);
    }
    return round;
  }

  get entries(): readonly CommitEntry[] {
    return Array.from(this.#chosen.values(), ({ entry }) => entry);
  }

  /** As long as anybody waits for it. */
  get longestMs(): number {
    return Math.max(...Array.from(this.#commits, ({ deadline }) => deadline?.leftMs ?? 0));
  }

  /** Stored: so is everything older, for it would have been overwritten. */
  stored(entry: CommitEntry, all: Iterable<PendingCommit>): void {
    const order = this.#orderOf(entry);
    for (const commit of all) if (commit.order <= order) commit.stored(entry);
  }

  /**
   * Not stored, as far as is known. If it may be nevertheless, what is older and still to be sent must not come after it: the newer
   * offset takes its place there.
   *
   * @returns who tries again
   */
  failed(entry: CommitEntry, error: Error, all: Iterable<PendingCommit>): ReadonlySet<PendingCommit> {
    const order = this.#orderOf(entry);
    const again = new Set<PendingCommit>();
    for (const commit of this.#commits) {
      if (commit.order > order || !commit.isWaitingFor(entry)) continue;
      if (meaningOf(error) === "refused" || !commit.retries(error)) commit.fail(commitError(error, this.identity));
      else again.add(commit);
    }
    if (mayBeStored(error)) {
      for (const commit of all) if (commit.order <= order && commit.isWaitingFor(entry)) commit.raise(entry);
    }
    return again;
  }

  end(): void {
    for (const commit of this.#commits) commit.isUnderWay = false;
  }

  #take(commit: PendingCommit): void {
    this.#commits.add(commit);
    commit.isUnderWay = true;
    for (const entry of commit.outstanding()) {
      const { topic, partition } = entry;
      const chosen = this.#chosen.get(topic, partition);
      if (chosen === undefined) this.#chosen.set(topic, partition, { entry, order: commit.order, isFull: false });
      else if (chosen.entry.metadata !== entry.metadata) chosen.isFull = true;
      else if (!chosen.isFull) Object.assign(chosen, { entry, order: commit.order });
    }
  }

  #orderOf({ topic, partition }: CommitEntry): number {
    return this.#chosen.get(topic, partition)?.order ?? 0;
  }
}
