// G12 where it is really so: a process whose event loop a handler blocks. With KIP-848 it takes a session of 45 s: `npm run stall`.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { isRealKafkaAvailable, startKafka } from "../support/kafka/kafka-node.ts";
import { type StallSettings, stall } from "./stall.ts";

/** The shortest that brokers allow. */
const SESSION_MS = 6_000;

interface Started {
  readonly bootstrapServers: string;
  stop(): Promise<void>;
}

async function embedded(): Promise<Started> {
  const broker = await EmbeddedBroker.start();
  return { bootstrapServers: broker.bootstrapServers, stop: () => broker.close() };
}

const brokers: readonly (readonly [name: string, start: () => Promise<Started>])[] = [
  ["the embedded broker", embedded],
  ...(isRealKafkaAvailable() ? [["Apache Kafka", () => startKafka()] as const] : []),
];

describe.each(brokers)("on %s, a handler that blocks the event loop", (_name, start) => {
  let broker: Started;

  beforeAll(async () => {
    broker = await start();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  const settings = (blockMs: number): StallSettings => ({
    bootstrapServers: broker.bootstrapServers,
    groupProtocol: "classic",
    sessionTimeoutMs: SESSION_MS,
    heartbeatIntervalMs: 1_000,
    blockMs,
  });

  // Side by side: most of the time they wait.
  test.concurrent("G12: for longer than the session: the member says so and for how long, nothing stale is delivered, and it comes back", async () => {
    const findings = await stall(settings(SESSION_MS + 2_500));
    expect(findings.filter(({ isSo }) => !isSo)).toEqual([]);
  });

  test.concurrent("G12: for most of the session: the member is not lost, and says that it nearly was", async () => {
    const findings = await stall(settings(SESSION_MS - 2_500));
    expect(findings.filter(({ isSo }) => !isSo)).toEqual([]);
  });
});
