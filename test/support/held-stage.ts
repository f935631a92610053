// What every stage of a client stands on: a cluster in memory, on a clock that is held.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";

import type { LogFacts, Logger } from "../../src/client/telemetry/logger.ts";
import { type Failure, failureOf, whenSettled } from "./held-time.ts";

export interface HeldCluster {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
}

/** Topics are not made by whoever asks for them, unless a test says so. */
export async function heldCluster(options: EmbeddedBrokerOptions): Promise<HeldCluster> {
  const clock = new HeldClock();
  const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, autoCreateTopics: false, ...options });
  return { broker, clock };
}

export abstract class HeldStage {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  /** Codes of the warnings in the log. */
  readonly warnings: string[] = [];
  protected readonly startMs: number;

  protected constructor({ broker, clock }: HeldCluster) {
    this.broker = broker;
    this.clock = clock;
    this.startMs = clock.now();
  }

  /** As the promise; time goes on as far as it needs. */
  readonly when = <T>(promise: Promise<T>): Promise<T> => whenSettled(this.clock, promise);

  /** What the promise rejects with, and after how many milliseconds. */
  failureOf(promise: Promise<unknown>): Promise<Failure> {
    return failureOf(this.clock, promise);
  }

  /** Since the stage was opened. */
  get elapsedMs(): number {
    return this.clock.now() - this.startMs;
  }

  /** For a client: its warnings are noted. */
  protected logger(): Logger {
    const take = (_text: string, facts: LogFacts): void => {
      if (facts["event"] === "warning") this.warnings.push(String(facts["code"]));
    };
    return { level: "warn", debug: () => undefined, info: () => undefined, warn: take, error: take };
  }

  /** The clients are closed, and now the cluster; what is wrong afterwards, which should be nothing. */
  protected async leftOver(): Promise<readonly string[]> {
    const { hotLoops } = this.broker.journal;
    await this.broker.close();
    await this.clock.advance(1000);
    const timers = this.clock.pendingTimers;
    return [
      ...this.broker.failures.map(String),
      ...hotLoops.map(({ api, count }) => `a hot loop: ${count} × ${api}`),
      ...(timers === 0 ? [] : [`${timers} timers are left`]),
    ];
  }
}
