import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import { type BackoffSettings, backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { BrokerError } from "../../errors.ts";
import type { CommitEntry } from "./commit-entry.ts";
import { mayBeStored, meaningOf } from "./commit-errors.ts";
import { askToCommit, type CommitAnswer, NO_WORD_OF_IT } from "./commit-request.ts";
import { CommitRound } from "./commit-round.ts";
import type { GroupIdentity } from "./group-identity.ts";
import type { PendingCommit } from "./pending-commit.ts";

export interface CommitQueueInit {
  readonly settings: BackoffSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly identity: () => GroupIdentity;
  /** A coordinator has said no, or not yet. */
  readonly onRefused?: ((error: BrokerError, identity: GroupIdentity) => void) | undefined;
  /** A coordinator has answered, after so long. */
  readonly onAnswered?: ((latencyMs: number) => void) | undefined;
  /** It is stored, in that name; or it may be, and nobody knows what is. */
  readonly onOutcome?: ((entry: CommitEntry, isStored: boolean, identity: GroupIdentity) => void) | undefined;
}

/**
 * The commits of a consumer, in the order of their calls. One request is out at a time: what is asked for meanwhile goes together in
 * the next one, and no older offset can arrive after a newer one. A commit that waits to be tried again keeps nobody else waiting.
 */
export class CommitQueue {
  readonly #init: CommitQueueInit;
  readonly #commits = new Set<PendingCommit>();
  readonly #timer: CoarseTimer;
  readonly #closing = new AbortController();
  #cluster: Cluster | undefined;
  #isAsking = false;
  #count = 0;

  constructor(init: CommitQueueInit) {
    this.#init = init;
    this.#timer = new CoarseTimer(init.clock, () => this.#resume());
  }

  /** Takes its place in the order. */
  add(commit: PendingCommit): void {
    commit.order = ++this.#count;
    this.#commits.add(commit);
  }

  /** It may be sent. */
  serve(commit: PendingCommit, cluster: Cluster, deadline: Deadline): void {
    commit.deadline = deadline;
    this.#cluster = cluster;
    this.#send();
  }

  /** Nobody waits for it any more. What is on its way may still be carried out. */
  drop(commit: PendingCommit): void {
    this.#commits.delete(commit);
  }

  close(reason: Error): void {
    this.#closing.abort(reason);
    this.#timer.cancel();
    for (const commit of this.#commits) commit.fail(reason);
    this.#commits.clear();
  }

  /** @returns when to look again */
  #resume(): number {
    this.#send();
    return this.#isAsking ? Number.POSITIVE_INFINITY : this.#restEndsMs();
  }

  #send(): void {
    const cluster = this.#cluster;
    if (this.#isAsking || cluster === undefined || this.#closing.signal.aborted) return;
    this.#renewStale();
    const round = CommitRound.gather(this.#commits, this.#init.clock.monotonic());
    if (round === undefined) {
      this.#timer.by(this.#restEndsMs());
      return;
    }
    this.#isAsking = true;
    void this.#carryOut(round, cluster);
  }

  /** Never rejects: what goes wrong is the commits' affair. */
  async #carryOut(round: CommitRound, cluster: Cluster): Promise<void> {
    const { entries, identity } = round;
    const { clock, onAnswered, onRefused, onOutcome } = this.#init;
    const refusals = new Map<string, BrokerError>();
    const again = new Map<PendingCommit, Error>();
    const fail = (entry: CommitEntry, error: Error): void => {
      if (error instanceof BrokerError) refusals.set(error.code, error);
      if (mayBeStored(error)) onOutcome?.(entry, false, identity);
      for (const commit of round.failed(entry, error, this.#commits)) again.set(commit, error);
    };
    const store = (entry: CommitEntry): void => {
      onOutcome?.(entry, true, identity);
      round.stored(entry, this.#commits);
    };
    try {
      const deadline = new Deadline(clock, round.longestMs, this.#closing.signal);
      const answer = await askToCommit(cluster, deadline, identity, entries);
      onAnswered?.(answer.tookMs);
      for (const entry of entries) {
        const error = errorOf(entry, answer, identity);
        if (error === undefined) store(entry);
        else fail(entry, error);
        if (error?.code === "UNKNOWN_TOPIC_ID") cluster.needMetadata([entry.topic]);
      }
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
      for (const entry of entries) fail(entry, error);
    }
    round.end();
    this.#afterwards(again);
    for (const error of refusals.values()) onRefused?.(error, identity);
  }

  #afterwards(again: ReadonlyMap<PendingCommit, Error>): void {
    const { clock, settings, random } = this.#init;
    for (const [commit, error] of again) {
      if (commit.isSettled) continue;
      commit.failedOnce(error, mayBeStored(error));
      commit.restUntilMs = clock.monotonic() + backoffMs(commit.failures, settings, random);
      commit.isStale = meaningOf(error) === "later epoch";
    }
    for (const commit of this.#commits) if (commit.isSettled) this.#commits.delete(commit);
    this.#isAsking = false;
    this.#send();
  }

  /** What was refused for its epoch goes in the present one, as long as the member is the same. */
  #renewStale(): void {
    const nowMs = this.#init.clock.monotonic();
    for (const commit of this.#commits) {
      if (!commit.isStale || commit.restUntilMs > nowMs) continue;
      commit.isStale = false;
      const identity = this.#init.identity();
      if (identity.memberId === commit.identity.memberId) commit.identity = identity;
    }
  }

  #restEndsMs(): number {
    let endsMs = Number.POSITIVE_INFINITY;
    for (const { deadline, restUntilMs } of this.#commits) if (deadline !== undefined) endsMs = Math.min(endsMs, restUntilMs);
    return endsMs;
  }
}

function errorOf(entry: CommitEntry, answer: CommitAnswer, { groupId }: GroupIdentity): BrokerError | undefined {
  const code = answer.codeOf(entry);
  if (code === 0) return undefined;
  const { topic, partition } = entry;
  const note = code === undefined ? "the answer says nothing about it" : null;
  const context = { api: "OffsetCommit", topic, partition, group: groupId, broker: answer.broker };
  return new BrokerError(code ?? NO_WORD_OF_IT, context, note);
}
