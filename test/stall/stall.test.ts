// G12 where it is really so: a process whose event loop a handler blocks. With KIP-848 the default session of 45 s takes `npm run stall`.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { isRealKafkaAvailable, startKafka } from "../support/kafka/kafka-node.ts";
import { type StallSettings, shortSessions, stall } from "./stall.ts";

/** The shortest that brokers allow in classic groups. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_000;
const CONFIGS = shortSessions(SESSION_MS, HEARTBEAT_MS);

interface Started {
  readonly bootstrapServers: string;
  stop(): Promise<void>;
}

async function embedded(): Promise<Started> {
  const broker = await EmbeddedBroker.start({ configs: CONFIGS });
  return { bootstrapServers: broker.bootstrapServers, stop: () => broker.close() };
}

const brokers: readonly (readonly [name: string, start: () => Promise<Started>])[] = [
  ["the embedded broker", embedded],
  ...(isRealKafkaAvailable({ own: true }) ? [["Apache Kafka", () => startKafka({ properties: CONFIGS })] as const] : []),
];

describe.each(brokers)("on %s, a handler that blocks the event loop", (_name, start) => {
  let broker: Started;

  beforeAll(async () => {
    broker = await start();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  const settings = (blockMs: number, groupProtocol: StallSettings["groupProtocol"] = "classic"): StallSettings => ({
    bootstrapServers: broker.bootstrapServers,
    groupProtocol,
    sessionTimeoutMs: SESSION_MS,
    heartbeatIntervalMs: HEARTBEAT_MS,
    blockMs,
  });

  // Side by side: most of the time they wait.
  test.concurrent("G12: for longer than the session: the member says so and for how long, nothing stale is delivered, and it comes back", async () => {
    const findings = await stall(settings(SESSION_MS + 2_500));
    expect(findings.filter(({ isSo }) => !isSo)).toEqual([]);
  });

  test.concurrent("G12: the same with KIP-848, where members take the session for longer than it is", async () => {
    const findings = await stall(settings(SESSION_MS + 2_500, "consumer"));
    expect(findings.filter(({ isSo }) => !isSo)).toEqual([]);
  });

  test.concurrent("G12: for most of the session: the member is not lost, and says that it nearly was", async () => {
    const findings = await stall(settings(SESSION_MS - 2_500));
    expect(findings.filter(({ isSo }) => !isSo)).toEqual([]);
  });
});
