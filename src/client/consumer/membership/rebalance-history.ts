import type { Clock } from "../../async/clock.ts";
import type { RebalanceNews } from "../../group/rebalance-news.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { Rebalance } from "../../telemetry/telemetry.ts";
import type { MembershipMetrics } from "../metrics/membership-metrics.ts";
import type { TopicPartition } from "../topic-partition.ts";
import type { StepPart } from "./reader-steps.ts";
import type { Standing } from "./seat.ts";

export interface RebalanceHistoryInit {
  readonly groupId: string;
  readonly clock: Pick<Clock, "monotonic" | "now">;
  readonly telemetry: Pick<ClientTelemetry, "rebalancing" | "rebalanced">;
  readonly metrics: Pick<MembershipMetrics, "rebalanced" | "failed"> | undefined;
}

type Moved = "revoked" | "assigned" | "lost";

interface Current {
  readonly beganAtMs: number;
  /** Monotonic. */
  readonly sinceMs: number;
  readonly cause: string;
  readonly moved: Readonly<Record<Moved, TopicPartition[]>>;
  readonly spentMs: Record<StepPart, number>;
  protocol: Standing["protocol"] | undefined;
  problem: string | undefined;
}

const MOST_KEPT = 20;

/** The last rebalances of a member: why each began, what it came to, and who took how long. */
export class RebalanceHistory {
  readonly #init: RebalanceHistoryInit;
  readonly #past: Rebalance[] = [];
  #current: Current | undefined;
  #part: StepPart = "nothing";
  #turnedAtMs = 0;

  constructor(init: RebalanceHistoryInit) {
    this.#init = init;
  }

  /** The oldest first; the last one may be under way. */
  all(): readonly Rebalance[] {
    return this.#current === undefined ? [...this.#past] : [...this.#past, this.#now(this.#current, "under way", -1)];
  }

  /** With this its time is spent from now on. */
  turn(part: StepPart): void {
    this.#account();
    this.#part = part;
  }

  hear(news: RebalanceNews, protocol: Standing["protocol"]): void {
    if (news.kind === "began") this.#begin(news.cause);
    const current = this.#current;
    if (current === undefined) return;
    current.protocol = protocol;
    if (news.kind === "ended") this.#end(current, "assigned", news.generationId);
    if (news.kind === "failed") {
      this.#troubled(current, news.because);
      this.#end(current, "failed");
    }
  }

  /** The user is told. */
  moved(what: Exclude<Moved, "lost">, partitions: readonly TopicPartition[]): void {
    this.#current?.moved[what].push(...partitions.map(plain));
  }

  /** Others have it: that begins one, or goes wrong in one. */
  lost(because: string, partitions: readonly TopicPartition[]): void {
    this.#begin(because);
    const current = this.#current;
    if (current === undefined) return;
    this.#troubled(current, because);
    current.moved.lost.push(...partitions.map(plain));
  }

  /** The consumer lets go of everything. */
  left(): void {
    if (this.#current !== undefined) this.#end(this.#current, "left");
  }

  #begin(cause: string): void {
    if (this.#current !== undefined) return;
    const { groupId: group, clock, telemetry } = this.#init;
    this.#account();
    this.#current = {
      beganAtMs: clock.now(),
      sinceMs: clock.monotonic(),
      cause,
      moved: { revoked: [], assigned: [], lost: [] },
      spentMs: { nothing: 0, reader: 0, processing: 0, callbacks: 0 },
      protocol: undefined,
      problem: undefined,
    };
    telemetry.rebalancing({ group, beganAtMs: this.#current.beganAtMs, cause });
  }

  #troubled(current: Current, because: string): void {
    if (current.problem === undefined) this.#init.metrics?.failed();
    current.problem ??= because;
  }

  #end(current: Current, outcome: Rebalance["outcome"], generationId = -1): void {
    const { metrics, telemetry } = this.#init;
    const rebalance = this.#now(current, outcome, generationId);
    this.#current = undefined;
    this.#past.push(rebalance);
    if (this.#past.length > MOST_KEPT) this.#past.shift();
    if (outcome === "assigned") metrics?.rebalanced(rebalance.durationMs);
    telemetry.rebalanced(rebalance);
  }

  #account(): void {
    const nowMs = this.#init.clock.monotonic();
    if (this.#current !== undefined) this.#current.spentMs[this.#part] += nowMs - this.#turnedAtMs;
    this.#turnedAtMs = nowMs;
  }

  #now(
    { beganAtMs, sinceMs, cause, moved, spentMs, protocol, problem }: Current,
    outcome: Rebalance["outcome"],
    id: number,
  ): Rebalance {
    this.#account();
    const durationMs = this.#turnedAtMs - sinceMs;
    const { reader: readerMs, processing: processingMs, callbacks: callbacksMs, nothing: groupMs } = spentMs;
    const parts = { durationMs, readerMs, processingMs, callbacksMs, groupMs };
    const { revoked, assigned, lost } = moved;
    const partitions = { revoked: [...revoked], assigned: [...assigned], lost: [...lost] };
    return { group: this.#init.groupId, beganAtMs, cause, outcome, problem, protocol, generationId: id, ...partitions, ...parts };
  }
}

function plain({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
