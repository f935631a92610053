import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { PartitionResumption, PartitionStall } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Assignment } from "../assignment/assignment.ts";
import type { Fetcher } from "../fetch/fetcher.ts";
import { lagOf } from "../lag.ts";
import type { PositionFinder } from "../positions/position-finder.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import { Standing } from "./standing.ts";

export interface LivenessWatchInit {
  readonly config: ResolvedConsumerConfig;
  readonly clock: Clock;
  readonly telemetry: Pick<ClientTelemetry, "stalled" | "resumed">;
  readonly assignment: Assignment;
  readonly fetcher: Pick<Fetcher, "outlook" | "isFull" | "startAnew">;
  readonly finder: Pick<PositionFinder, "lastFailure" | "wake">;
  /** Undefined before anybody has connected. */
  readonly cluster: () => Cluster | undefined;
}

interface Stalled {
  readonly stall: PartitionStall;
  readonly diagnosis: Diagnosis;
}

/** Shorter ones pass by themselves: a broker is restarted, a leader elected. */
const SHORTEST_STALL_MS = 10_000;
/** So many waits in a row, of those that are ordinary, are none any more. */
const WAITS = 3;
const LOOKS_PER_STALL = 4;

/**
 * Notices partitions that should make progress and do not, whatever the reason: says so once, and has what may be wrong done anew. The
 * other parts see to what they know of; this one is for what they do not.
 */
export class LivenessWatch {
  readonly #init: LivenessWatchInit;
  /** How long a partition may make no progress. */
  readonly #patienceMs: number;
  readonly #timer: CoarseTimer;
  readonly #standings = new Map<AssignedPartition, Standing>();
  #hasBegun = false;
  #stalled = 0;

  constructor(init: LivenessWatchInit) {
    this.#init = init;
    const { fetchMaxWaitMs, retryBackoffMaxMs } = init.config;
    this.#patienceMs = Math.max(SHORTEST_STALL_MS, WAITS * fetchMaxWaitMs, WAITS * retryBackoffMaxMs);
    this.#timer = new CoarseTimer(init.clock, () => this.#look());
  }

  /** How many partitions make no progress. */
  get stalled(): number {
    return this.#stalled;
  }

  /** Somebody reads. */
  begin(): void {
    this.#hasBegun = true;
    this.follow();
  }

  /** What is assigned may be different. */
  follow(): void {
    if (!this.#hasBegun) return;
    const nowMs = this.#init.clock.monotonic();
    for (const partition of this.#standings.keys()) if (!partition.isAssigned) this.#forget(partition);
    for (const partition of this.#init.assignment.all()) {
      if (!this.#standings.has(partition)) this.#standings.set(partition, new Standing(partition.position, nowMs));
    }
    if (this.#standings.size > 0) this.#timer.by(nowMs + this.#patienceMs / LOOKS_PER_STALL);
  }

  close(): void {
    this.#hasBegun = false;
    this.#timer.cancel();
    this.#standings.clear();
    this.#stalled = 0;
  }

  /** Returns when to look again. */
  #look(): number {
    const nowMs = this.#init.clock.monotonic();
    const stalls: Stalled[] = [];
    const resumptions: PartitionResumption[] = [];
    const sick: AssignedPartition[] = [];
    // Nobody reads, or not as fast as records come: that is his affair.
    const { isFull } = this.#init.fetcher;
    for (const [partition, standing] of this.#standings) {
      if (!partition.isAssigned) this.#forget(partition);
      else if (isFull || this.#isLively(partition, standing, nowMs)) {
        const afterMs = standing.goesOn(partition.position, nowMs);
        if (afterMs === undefined) continue;
        this.#stalled--;
        resumptions.push({ topic: partition.topic, partition: partition.partition, afterMs });
      } else if (standing.hasStalled(nowMs, this.#patienceMs)) {
        this.#stalled++;
        stalls.push(this.#stallOf(partition, standing, nowMs));
      }
      if (standing.needsHelp(nowMs, this.#patienceMs) && !this.#isThrottled(partition, nowMs)) sick.push(partition);
    }
    if (sick.length > 0) this.#heal(sick);
    for (const group of together(stalls)) this.#init.telemetry.stalled(group);
    if (resumptions.length > 0) this.#init.telemetry.resumed(resumptions);
    return this.#standings.size === 0 ? Number.POSITIVE_INFINITY : nowMs + this.#patienceMs / LOOKS_PER_STALL;
  }

  #forget(partition: AssignedPartition): void {
    if (this.#standings.get(partition)?.isStalled === true) this.#stalled--;
    this.#standings.delete(partition);
  }

  /** It makes progress, or need not: the next step is the reader's, or there is nothing to be read. */
  #isLively(partition: AssignedPartition, standing: Standing, nowMs: number): boolean {
    const { isReadable, problem, bufferedBytes, position } = partition;
    if (!isReadable || problem !== undefined || bufferedBytes > 0) return true;
    if (position !== undefined && position !== standing.position) return true;
    return partition.whereabouts.kind === "known" && this.#isAtEnd(partition, nowMs);
  }

  /** As its broker has said not long ago: else there may be more by now. */
  #isAtEnd(partition: AssignedPartition, nowMs: number): boolean {
    if (lagOf(partition, this.#init.config.isolationLevel) !== 0) return false;
    const outlook = this.#init.fetcher.outlook(partition);
    if (outlook?.answeredAtMs === undefined) return false;
    return outlook.isAsked && nowMs - outlook.answeredAtMs < this.#patienceMs;
  }

  /** Whoever is held back for asking too much asks for nothing more. */
  #isThrottled(partition: AssignedPartition, nowMs: number): boolean {
    return (this.#init.fetcher.outlook(partition)?.throttledUntilMs ?? 0) > nowMs;
  }

  #stallOf(partition: AssignedPartition, standing: Standing, nowMs: number): Stalled {
    const { config, fetcher, finder, cluster } = this.#init;
    const known = cluster();
    const diagnosis = diagnose(partition, {
      metadata: known?.isBootstrapped === true ? known.metadata : undefined,
      groupId: config.groupId,
      lookupFailure: finder.lastFailure(partition),
      outlook: fetcher.outlook(partition),
      nowMs,
      patienceMs: this.#patienceMs / 2,
    });
    const { topic, partition: index, position: offset } = partition;
    const lag = lagOf(partition, config.isolationLevel);
    return { diagnosis, stall: { topic, partition: index, ...diagnosis, sinceMs: nowMs - standing.sinceMs, offset, lag } };
  }

  /** Whatever is safe to be done anew: who leads, which replica is asked, in which session, and whether anybody is asked at all. */
  #heal(partitions: readonly AssignedPartition[]): void {
    const { fetcher, finder, cluster } = this.#init;
    cluster()?.needMetadata([...new Set(partitions.map(({ topic }) => topic))]);
    for (const partition of partitions) fetcher.startAnew(partition);
    finder.wake();
  }
}

/** Those that have the same reason. */
function together(stalls: readonly Stalled[]): Iterable<readonly PartitionStall[]> {
  const groups = new Map<string, PartitionStall[]>();
  for (const { stall, diagnosis } of stalls) {
    const key = `${diagnosis.reason} ${diagnosis.detail}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stall]);
    else group.push(stall);
  }
  return groups.values();
}
