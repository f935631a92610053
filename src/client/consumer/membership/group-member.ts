/** A consumer as a member of its group: what the protocol decides becomes what is read, and what the user is told. */
import type { KafkaError } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { type BrokerError, CommitFailedError } from "../../errors.ts";
import type { RebalanceNews } from "../../group/rebalance-news.ts";
import type { Runtime } from "../../runtime.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { Rebalance } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Holdings } from "../assignment/holdings.ts";
import type { RebalanceListener } from "../assignment/subscription.ts";
import type { GroupIdentity } from "../commit/group-identity.ts";
import type { OffsetCommits } from "../commit/offset-commits.ts";
import type { MembershipMetrics } from "../metrics/membership-metrics.ts";
import { callListener } from "../reading/listener-calls.ts";
import type { ReadCalls } from "../reading/read-calls.ts";
import type { Runs } from "../running/runs.ts";
import { PartitionMap, type TopicPartition } from "../topic-partition.ts";
import { newSeat } from "./chosen-seat.ts";
import { ReaderSteps } from "./reader-steps.ts";
import { RebalanceHistory } from "./rebalance-history.ts";
import type { Seat, SeatHolder, Standing } from "./seat.ts";

/** How a member leaves. */
interface Parting {
  readonly commits: boolean;
  readonly leaveGroup?: boolean | undefined;
}

export interface GroupMemberInit {
  readonly groupId: string;
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  readonly holdings: Holdings;
  readonly commits: OffsetCommits;
  readonly calls: Pick<ReadCalls, "isBusy" | "isInLoop" | "needCare" | "raise">;
  readonly runs: Pick<Runs, "finished">;
  readonly metrics: MembershipMetrics | undefined;
}

type MemberName = Pick<GroupIdentity, "memberId" | "generationId">;

/** So often it is looked whether everything is well, while one reading call follows the other. */
const RARELY_MS = 100;

export class GroupMember implements SeatHolder {
  readonly #init: GroupMemberInit;
  readonly #seat: Seat;
  readonly #steps: ReaderSteps;
  readonly #history: RebalanceHistory;
  #cluster: Cluster | undefined;
  #isWanted = false;
  #leaving: Promise<void> | undefined;
  /** Ended when everything is lost, or let go of: what was to be held in an era that is over is not held any more. */
  #era = new AbortController();
  /** The user is being told that they go. */
  readonly #beingTold = new Set<AssignedPartition>();
  /** Lost, and the user does not know yet. */
  #lost: TopicPartition[] = [];
  /** Why it is no member; undefined for one that is, or has not been yet. */
  #because: string | undefined;
  /** In which it was given partitions last. */
  #lastName: MemberName | undefined;
  /** G12: nothing is handed out until this is resolved. */
  #doubt: Promise<void> | undefined;
  #failures: unknown[] = [];
  #progress = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(init: GroupMemberInit) {
    this.#init = init;
    const { calls, runtime, groupId, telemetry, metrics } = init;
    this.#history = new RebalanceHistory({ groupId, clock: runtime.clock, telemetry, metrics });
    this.#steps = new ReaderSteps(
      () => calls.needCare(),
      (part) => this.#history.turn(part),
    );
    this.#seat = newSeat({ ...init, holder: this });
  }

  // For the consumer.

  /** The user has subscribed. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** The last ones, the oldest first. */
  rebalances(): readonly Rebalance[] {
    return this.#history.all();
  }

  get memberId(): string {
    return this.#seat.memberId;
  }

  /**
   * Who it is; or who it was when it was given what it has read, if it is no member any more. Others have that by now: a transaction that
   * commits it in nobody's name would be let through (KIP-447).
   */
  get name(): MemberName {
    return this.#seat.standing ?? this.#lastName ?? { memberId: this.#seat.memberId, generationId: -1 };
  }

  /** In whose name the consumer commits; undefined for somebody who is no member now. */
  get identity(): GroupIdentity | undefined {
    const { standing } = this.#seat;
    if (!this.#isMeant || standing === undefined) return undefined;
    const { groupId, config } = this.#init;
    return { groupId, groupInstanceId: config.groupInstanceId ?? null, ...standing };
  }

  /** Why it cannot commit: what it has read as a member it must not commit as an outsider. */
  get commitProblem(): Error | undefined {
    if (!this.#isMeant || this.identity !== undefined) return undefined;
    const because = this.#because;
    return new CommitFailedError(because, { group: this.#init.groupId, isRebalancing: because === undefined });
  }

  commitRefused(error: BrokerError, { memberId, generationId }: GroupIdentity): void {
    const now = this.#seat.standing;
    if (now?.memberId === memberId && now.generationId === generationId) this.#seat.commitRefused(error, generationId);
  }

  attach(cluster: Cluster): void {
    this.#cluster = cluster;
    if (this.#init.calls.isBusy) this.come();
  }

  /** The user has subscribed; what to is told by `wants`. */
  subscribed(): void {
    this.#isWanted = true;
    const leaving = this.#leaving;
    if (leaving !== undefined) void this.#steps.add({ before: () => leaving, tell: () => Promise.resolve() });
  }

  /** These topics are subscribed to, or match what is, from now on. */
  wants(): void {
    this.#seat.resubscribed();
    if (this.#init.calls.isBusy) this.come();
  }

  enforceRebalance(reason: string): void {
    this.#seat.enforceRebalance(reason);
  }

  /** There is another view of the cluster. */
  learned(): void {
    if (this.#cluster !== undefined) this.#seat.learned(this.#cluster);
  }

  /** Somebody reads. */
  come(): void {
    const isReady = this.#cluster !== undefined && this.#leaving === undefined && this.#init.holdings.topics !== undefined;
    if (!this.#isWanted || !isReady) return;
    // Whoever reads batch by batch comes often.
    const now = this.#init.runtime.clock.monotonic();
    if (now >= this.#lookedAtMs + RARELY_MS || this.#seat.standing === undefined) {
      this.#lookedAtMs = now;
      this.#seat.read();
    }
    this.#readAtMs = now;
  }

  /** Whoever reads was away for a while. Resolves when it is known whether what is held is its own still; undefined where it is. */
  away(): Promise<void> | undefined {
    this.come();
    return this.#doubt;
  }

  /** For whoever reads: what has to be done before anything is handed out. @throws what a listener has thrown, when all is done */
  prepare(deadline: Deadline): Promise<void> | undefined {
    return this.#steps.isEmpty ? undefined : this.#work(deadline);
  }

  /** Lets go of everything, at once, and leaves. Resolves when the coordinator knows, or at the deadline. Never rejects. */
  leave(deadline: Deadline, { commits, leaveGroup }: Parting): Promise<void> {
    if (!this.#isWanted) return this.#leaving ?? Promise.resolve();
    const held = this.held().filter((one) => !this.#beingTold.has(one));
    // In the name of the generation that it is in still.
    const committing = commits ? this.#init.commits.commitProcessed(deadline) : Promise.resolve();
    // A listener may still be at work that was called when it was let go of before.
    const telling = Promise.all([this.#tellLost(), this.#tellRevoked(held), this.#leaving]);
    this.#isWanted = false;
    this.#history.left();
    this.#endEra("the consumer has let go of everything");
    this.#init.holdings.hold([]);
    const told = deadline.race(telling, () => new Error("a listener is still at work")).catch(() => undefined);
    const leaving: Promise<void> = Promise.all([committing, told])
      .then(() => this.#seat.leave(deadline, leaveGroup))
      .then(() => {
        // Let go of once more meanwhile: the last one says when it is over.
        if (this.#leaving !== leaving) return;
        this.#leaving = undefined;
        this.#failures.length = 0;
        if (this.#init.calls.isBusy) this.come();
      });
    this.#leaving = leaving;
    return leaving;
  }

  /** For good: what is processed is committed, the user is told what goes, who has it still meanwhile, and it leaves. Never rejects. */
  async takeLeave(deadline: Deadline, { commits, leaveGroup }: Parting): Promise<void> {
    if (commits) await this.#init.commits.commitProcessed(deadline);
    const held = this.held().filter((one) => !this.#beingTold.has(one));
    await deadline.race(this.#revoke(held), () => new Error("a listener is still at work")).catch(() => undefined);
    await this.leave(deadline, { commits: false, leaveGroup });
  }

  close(): void {
    this.#seat.close();
  }

  // For its place in the group.

  topics(): Iterable<string> {
    return this.#init.holdings.topics ?? [];
  }

  pattern(): string | undefined {
    const { subscription } = this.#init.holdings;
    return subscription.kind === "matched there" ? subscription.pattern : undefined;
  }

  held(): readonly AssignedPartition[] {
    return [...this.#init.holdings.assignment.all()];
  }

  cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error("the consumer is not connected yet");
    return this.#cluster;
  }

  watchAlso(topics: ReadonlySet<string>): void {
    this.#init.holdings.watchAlso(topics);
  }

  letGo(gone: readonly AssignedPartition[]): Promise<void> {
    // Then nobody has to read first, who may be at work on something for long.
    if (gone.length === 0 && this.#steps.isEmpty) return Promise.resolve();
    return this.#stepOf(gone, () => this.#revoke(gone));
  }

  async bringTo(partitions: readonly TopicPartition[]): Promise<boolean> {
    this.#because = undefined;
    const next = mapOf(partitions);
    const gone = this.held().filter(({ topic, partition }) => !next.has(topic, partition));
    await this.#stepOf(gone, async (isOver) => {
      await this.#revoke(gone);
      if (isOver()) return;
      this.#lastName = this.#seat.standing ?? this.#lastName;
      const { added } = this.#init.holdings.hold(partitions);
      this.#history.moved("assigned", added);
      await this.#call("onPartitionsAssigned", added);
    });
    return gone.length > 0;
  }

  stopDelivering(because: string): void {
    const { groupId, holdings, telemetry } = this.#init;
    const lost = this.held().filter((one) => !this.#beingTold.has(one));
    this.#endEra(because);
    holdings.hold([]);
    if (this.#because === undefined) {
      const partitions = lost.length;
      telemetry.warning("MEMBERSHIP_LOST", `group '${groupId}': this consumer is no member any more: ${because}`, { partitions });
      this.#because = because;
      this.#history.lost(because, lost);
    }
    if (lost.length === 0) return;
    this.#lost.push(...lost);
    void this.#steps.add({ tell: () => this.#tellLost() });
  }

  holdBack(until: Promise<void>): void {
    this.#doubt = until;
    void until.then(() => {
      if (this.#doubt === until) this.#doubt = undefined;
    });
    void this.#steps.add({ before: () => until, tell: () => Promise.resolve() });
  }

  lastReadMs(): number {
    const { calls, runtime } = this.#init;
    let progress = 0;
    let isAtWork = calls.isInLoop;
    for (const { offset, unprocessedFrom = 0, isHeld } of this.held()) {
      progress += offset + unprocessedFrom;
      isAtWork ||= isHeld;
    }
    // A loop that finds something, and functions of `run`, do not come here.
    const hasMoved = isAtWork && progress !== this.#progress;
    this.#progress = progress;
    if (hasMoved || calls.isBusy) this.#readAtMs = runtime.clock.monotonic();
    return this.#readAtMs;
  }

  raise(error: KafkaError): void {
    this.#init.calls.raise(error);
  }

  rebalance(news: RebalanceNews, protocol: Standing["protocol"]): void {
    if (this.#isWanted) this.#history.hear(news, protocol);
  }

  /** It is to be a member, or is one until it has left: callbacks may still commit. */
  get #isMeant(): boolean {
    return this.#isWanted || this.#leaving !== undefined;
  }

  async #work(deadline: Deadline): Promise<void> {
    await this.#steps.work(deadline);
    const failures = this.#failures.splice(0);
    if (failures.length > 0) throw failures[0];
  }

  #endEra(because: string): void {
    this.#era.abort(new Error(because));
    this.#era = new AbortController();
  }

  /** Who goes, is on its way from now on: functions that are at work on it finish the record that they have in hand, and no more. */
  #stepOf(gone: readonly AssignedPartition[], tell: (isOver: () => boolean) => Promise<void>): Promise<void> {
    const { signal } = this.#era;
    const isOver = (): boolean => signal.aborted;
    for (const one of gone) one.isLeaving = true;
    return this.#steps.add({
      before: gone.length === 0 ? undefined : () => this.#finish(gone, signal),
      tell: () => (isOver() ? Promise.resolve() : tell(isOver)),
    });
  }

  /** No longer than the others wait, or there is something to let go of. Never rejects. */
  async #finish(gone: readonly AssignedPartition[], signal: AbortSignal): Promise<void> {
    const { config, runtime, runs, commits } = this.#init;
    const deadline = new Deadline(runtime.clock, config.maxPollIntervalMs, signal);
    await deadline.race(runs.finished(gone), () => new Error("functions are still at work")).catch(() => undefined);
    if (this.identity === undefined) return;
    await (commits.auto === undefined ? commits.toldSoFar(deadline) : commits.commitProcessed(deadline));
  }

  /** While they are told they are still assigned: their positions can be committed. */
  async #revoke(gone: readonly AssignedPartition[]): Promise<void> {
    const going = gone.filter(({ isAssigned }) => isAssigned);
    if (going.length === 0) return;
    for (const one of going) this.#beingTold.add(one);
    this.#history.moved("revoked", going);
    await this.#tellRevoked(going);
    for (const one of going) this.#beingTold.delete(one);
    this.#init.holdings.hold(this.held().filter((one) => !going.includes(one)));
  }

  async #tellRevoked(going: readonly AssignedPartition[]): Promise<void> {
    if (going.length > 0) await this.#call("onPartitionsRevoked", going);
  }

  async #tellLost(): Promise<void> {
    const lost = this.#lost.splice(0);
    if (lost.length > 0) await this.#call("onPartitionsLost", lost);
  }

  async #call(name: keyof RebalanceListener, partitions: readonly TopicPartition[]): Promise<void> {
    const { holdings, telemetry } = this.#init;
    try {
      await callListener(telemetry, holdings.listener, name, partitions);
    } catch (error) {
      this.#failures.push(error);
    }
  }
}

function mapOf(partitions: readonly TopicPartition[]): PartitionMap<TopicPartition> {
  const map = new PartitionMap<TopicPartition>();
  for (const one of partitions) map.set(one.topic, one.partition, one);
  return map;
}
