// A ShareConsumer and brokers that a test writes, on a clock that is held.

import { expect, onTestFinished } from "vitest";
import { seededRandom } from "../../src/broker/random.ts";
import {
  type AcknowledgementResult,
  ShareConsumer,
  type ShareConsumerOptions,
  type ShareRecord,
  systemRuntime,
} from "../../src/client/index.ts";
import type { LogFacts, Logger } from "../../src/client/telemetry/logger.ts";
import { type Failure, failureOf, whenSettled } from "./held-time.ts";
import { ShareBrokers, TOPIC } from "./share-brokers.ts";

export class ShareStage {
  readonly brokers: ShareBrokers;
  readonly consumer: ShareConsumer;
  /** Codes of the warnings in the log. */
  readonly warnings: string[] = [];
  /** What the callback was told, as `0: 1 2 done`. */
  readonly told: string[] = [];

  constructor(brokers: ShareBrokers, options: ShareConsumerOptions) {
    this.brokers = brokers;
    const { clock, transport } = brokers;
    const random = seededRandom(1);
    const runtime = { ...systemRuntime, clock, transport, random: () => random.next(), uuid: () => random.javaUuid() };
    const { afterTurn: _, ...held } = {
      ...runtime,
      resolve: (host: string) => Promise.resolve([{ address: host, family: 4 as const }]),
    };
    const base = { bootstrapServers: "node:9092", groupId: "workers", clientId: "test", logger: this.#logger() };
    const acknowledgementCommitCallback = (results: readonly AcknowledgementResult[]): void => {
      this.told.push(...results.map(resultText));
    };
    this.consumer = new ShareConsumer({ ...base, acknowledgementCommitCallback, ...options }, held);
    this.consumer.subscribe(TOPIC);
  }

  readonly when = <T>(promise: Promise<T>): Promise<T> => whenSettled(this.brokers.clock, promise);

  failureOf(promise: Promise<unknown>): Promise<Failure> {
    return failureOf(this.brokers.clock, promise);
  }

  async poll(timeoutMs = 5_000): Promise<readonly ShareRecord[]> {
    return [...(await this.when(this.consumer.poll({ timeoutMs })))];
  }

  /** As `0/17 value`. */
  async polled(timeoutMs?: number): Promise<readonly string[]> {
    return (await this.poll(timeoutMs)).map(({ partition, offset, value }) => `${partition}/${offset} ${String(value)}`);
  }

  /** As the callback is told. */
  async committed(timeoutMs?: number): Promise<readonly string[]> {
    const results = await this.when(this.consumer.commit(timeoutMs === undefined ? {} : { timeoutMs }));
    return results.map(resultText);
  }

  #logger(): Logger {
    const take = (_text: string, facts: LogFacts): void => {
      if (facts["event"] === "warning") this.warnings.push(String(facts["code"]));
    };
    return { level: "warn", debug: () => undefined, info: () => undefined, warn: take, error: take };
  }
}

/** `0: 1 2 done`, or the error's code, and its outcome if it has one. */
export function resultText({ partition, offsets, error }: AcknowledgementResult): string {
  const outcome = error !== undefined && "outcome" in error ? ` ${String(error.outcome)}` : "";
  return `${partition}: ${offsets.join(" ")} ${error?.code ?? "done"}${outcome}`;
}

/** For the test that calls it: afterwards it is closed, and must leave no timer. */
export function shareStage(
  options: ShareConsumerOptions = {},
  prepare: (brokers: ShareBrokers) => void = () => undefined,
): ShareStage {
  const brokers = new ShareBrokers();
  prepare(brokers);
  const stage = new ShareStage(brokers, options);
  onTestFinished(async () => {
    await stage.when(stage.consumer.close({ timeoutMs: 1_000 }));
    await brokers.clock.advance(60_000);
    expect(brokers.clock.pendingTimers).toBe(0);
  });
  return stage;
}
