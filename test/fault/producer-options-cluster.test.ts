// Each option that a producer shares with all clients does what it says, also for a producer: these tests fail where it is ignored.

import { describe, expect, it, onTestFinished } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { type Transport, TransportError } from "../../src/client/connection/transport.ts";
import { Producer, type ProducerOptions } from "../../src/client/index.ts";
import type { ApiVersionsRequest, ProduceRequest } from "../../src/protocol/index.ts";
import { type ProducerStage, producerStage, TOPIC } from "../support/producer-stage.ts";

const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
/** Give or take a fifth. */
const about = (ms: number): readonly [least: number, most: number] => [ms * 0.8 - 2, ms * 1.2 + 2];

function expectAbout(pauses: readonly number[], expected: readonly number[]): void {
  expect(pauses).toHaveLength(expected.length);
  for (const [at, pause] of pauses.entries()) {
    const [least, most] = about(expected[at]!);
    expect([at, pause >= least && pause <= most, pause]).toEqual([at, true, pause]);
  }
}

const differences = (times: readonly number[]): readonly number[] => times.slice(1).map((time, at) => time - times[at]!);

/** Notes when somebody connects, and has it in vain when told to. */
function watched(): { readonly transport: (inner: Transport) => Transport; readonly targets: string[]; isBlackHole: boolean } {
  const watch = {
    targets: [] as string[],
    isBlackHole: false,
    transport: (inner: Transport): Transport => ({
      connect: (target, reader) => {
        watch.targets.push(`${target.host}:${target.port}`);
        if (!watch.isBlackHole) return inner.connect(target, reader);
        return target.deadline.race(new Promise(() => undefined), () => new TransportError("tcp", "connect ETIMEDOUT"));
      },
    }),
  };
  return watch;
}

describe("clientId and apiVersion", () => {
  it("are who brokers hear it is, and the release that they are taken for", async () => {
    const stage = await producerStage({}, { clientId: "billing", apiVersion: "2.4" });
    await stage.when(stage.send("a"));
    const sent = stage.broker.journal.requests("Produce").map(({ clientId, version }) => [clientId, version]);
    expect(sent).toEqual([["billing", 8]]);
    const newest = await producerStage({}, {});
    await newest.when(newest.send("a"));
    expect(newest.broker.journal.requests("Produce")[0]!.version).toBeGreaterThan(8);
  });
});

describe("requestTimeoutMs", () => {
  it("is how long an answer is waited for, and how long the broker may wait for its replicas", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 1500, retryBackoffMs: 0, reconnectBackoffMs: 0 });
    await stage.begun();
    stage.broker.faults.neverAnswer({ api: "Produce", times: 1 });
    const startMs = stage.elapsedMs;
    await stage.when(stage.send("a"));
    expect(stage.elapsedMs - startMs).toBe(1500);
    const timeouts = stage.broker.journal.requests("Produce").map(({ body }) => (body as ProduceRequest).timeoutMs);
    expect(new Set(timeouts)).toEqual(new Set([1500]));
  });
});

describe("bootstrapTimeoutMs", () => {
  it("is how long somebody is looked for who answers", async () => {
    const stage = await producerStage({}, { bootstrapTimeoutMs: 2500 });
    await stage.broker.stopNode(1);
    const { error, tookMs } = await stage.failureOf(stage.producer.partitionsFor(TOPIC));
    expect([tookMs, error]).toEqual([2500, expect.objectContaining({ name: "BootstrapError" })]);
  });
});

describe("retryBackoffMs and retryBackoffMaxMs", () => {
  it("are the pause before a record is sent again, and the longest", async () => {
    const stage = await producerStage({}, { retryBackoffMs: 400, retryBackoffMaxMs: 600 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 4 });
    await stage.when(stage.send("a"));
    const times = stage.wire().map(({ atMs }) => atMs);
    expectAbout(differences(times.slice(1)), [400, 600, 600, 600]);
  });
});

describe("reconnectBackoffMs and reconnectBackoffMaxMs", () => {
  it("are the pause before connecting again, and the longest", async () => {
    const times: number[] = [];
    const transport = (inner: Transport): Transport => ({
      connect: (target, reader) => {
        times.push(stage.elapsedMs);
        return inner.connect(target, reader);
      },
    });
    const options = { reconnectBackoffMs: 400, reconnectBackoffMaxMs: 1000, metadataRecoveryStrategy: "none" } as const;
    const stage = await producerStage({}, { ...options, requestTimeoutMs: 20_000, deliveryTimeoutMs: 20_000 }, { transport });
    await stage.begun();
    await stage.broker.stopNode(1);
    // That it was cut off is the first failure.
    times.splice(0, times.length, stage.elapsedMs);
    stage.send("a").catch(() => undefined);
    await stage.clock.advance(8000);
    expectAbout(differences(times).slice(0, 5), [400, 800, 1000, 1000, 1000]);
  });
});

describe("socketConnectionSetupTimeoutMs and socketConnectionSetupTimeoutMaxMs", () => {
  it("are how long connecting may take, and how long at most when it has failed often", async () => {
    const watch = watched();
    const takes: number[] = [];
    const transport = (inner: Transport): Transport => ({
      connect: async (target, reader) => {
        const startMs = stage.elapsedMs;
        return await watch
          .transport(inner)
          .connect(target, reader)
          .finally(() => takes.push(stage.elapsedMs - startMs));
      },
    });
    const options = { socketConnectionSetupTimeoutMs: 400, socketConnectionSetupTimeoutMaxMs: 1000, reconnectBackoffMs: 0 };
    const stage = await producerStage({}, options, { transport });
    watch.isBlackHole = true;
    stage.send("a").catch(() => undefined);
    await stage.clock.advance(10_000);
    expectAbout(takes.slice(0, 4), [400, 800, 1000, 1000]);
  });
});

describe("connectionsMaxIdleMs", () => {
  it("is after how long a connection is closed that nobody uses", async () => {
    const stage = await producerStage({}, { connectionsMaxIdleMs: 40_000 });
    await stage.begun();
    await stage.clock.advance(39_000);
    expect(stage.sockets).toBe(1);
    await stage.clock.advance(2000);
    expect(stage.sockets).toBe(0);
  });
});

describe("metadataMaxAgeMs", () => {
  it("is how often the cluster is asked for", async () => {
    const stage = await producerStage({}, { metadataMaxAgeMs: 10_000 });
    await stage.begun();
    const before = stage.count("Metadata");
    await stage.clock.advance(40_500);
    expect(stage.count("Metadata") - before).toBe(4);
  });
});

describe("metadataRecoveryStrategy and metadataRecoveryRebootstrapTriggerMs", () => {
  /** How often the bootstrap server's name is looked up when a broker that answers knows nothing of the cluster for a minute. */
  async function lookups(options: ProducerOptions): Promise<number> {
    let count = 0;
    const names = {
      resolve: async (host: string) => {
        if (host === "bootstrap.test") count++;
        return [{ address: "127.0.0.1", family: 4 as const }];
      },
    };
    const stage: ProducerStage = await producerStage(
      { port: 9092 },
      { bootstrapServers: "bootstrap.test:9092", requestTimeoutMs: 1000, metadataMaxAgeMs: 5000, ...options },
      { names },
    );
    await stage.begun();
    const before = count;
    const nothing = async (_request: unknown, { next }: { next(): Promise<unknown> }) => ({
      ...((await next()) as object),
      brokers: [],
    });
    stage.broker.faults.on("Metadata", nothing, { times: 1000 });
    await stage.clock.advance(60_000);
    return count - before;
  }

  it("are whether to begin again with the bootstrap servers, and after how long without an answer", async () => {
    expect(await lookups({ metadataRecoveryRebootstrapTriggerMs: 20_000 })).toBeGreaterThan(0);
    expect(await lookups({ metadataRecoveryRebootstrapTriggerMs: 200_000 })).toBe(0);
    expect(await lookups({ metadataRecoveryRebootstrapTriggerMs: 20_000, metadataRecoveryStrategy: "none" })).toBe(0);
  });
});

describe("metadataClusterCheckEnable", () => {
  it.each([true, false])("%s: a broker is told which cluster and node is meant", async (metadataClusterCheckEnable) => {
    const stage = await producerStage({}, { metadataClusterCheckEnable });
    await stage.begun();
    const told = stage.broker.journal.requests("ApiVersions").map(({ body }) => (body as ApiVersionsRequest).nodeId);
    expect(told.some((nodeId) => nodeId === 1)).toBe(metadataClusterCheckEnable);
  });
});

describe("clientDnsLookup", () => {
  it.each([
    ["use_all_dns_ips", ["alias.test:9092", "127.0.0.1:9092"]],
    ["resolve_canonical_bootstrap_servers_only", ["canonical.test:9092", "127.0.0.1:9092"]],
  ] as const)("%s: connects to %j", async (clientDnsLookup, hosts) => {
    const watch = watched();
    const names = {
      resolve: async () => [{ address: "127.0.0.1", family: 4 as const }],
      canonicalName: async () => "canonical.test",
    };
    const options = { bootstrapServers: "alias.test:9092", clientDnsLookup };
    const stage = await producerStage({ port: 9092 }, options, { names, transport: watch.transport });
    await stage.begun();
    expect(watch.targets).toEqual(hosts);
  });
});

describe("maxInFlightRequestsPerConnection", () => {
  it.each([1, 3, 5])("%i requests wait for their answers, and no more", async (maxInFlightRequestsPerConnection) => {
    const stage = await producerStage({}, { batchSize: 0, maxInFlightRequestsPerConnection });
    await stage.begun();
    stage.broker.faults.delay({ api: "Produce", delayMs: 1000, times: 100 });
    const sent = Array.from({ length: 10 }, (_, at) => stage.send(String(at)));
    await stage.clock.advance(500);
    expect(stage.held.requests).toBe(maxInFlightRequestsPerConnection);
    await stage.when(Promise.all(sent));
  });
});

describe("receiveMessageMaxBytes", () => {
  it("is the largest answer that is accepted", async () => {
    const topics = { [TOPIC]: 1000 };
    const small = await producerStage({ topics }, { receiveMessageMaxBytes: 10_000, maxBlockMs: 2000 });
    const { error } = await small.failureOf(small.producer.partitionsFor(TOPIC));
    expect(error).toBeInstanceOf(Error);
    const large = await producerStage({ topics }, { receiveMessageMaxBytes: 1_000_000 });
    expect(await large.when(large.producer.partitionsFor(TOPIC))).toHaveLength(1000);
  });
});

describe("logger and logLevel", () => {
  it.each([
    ["debug", ["debug", "warn"]],
    ["warn", ["warn"]],
    ["error", []],
  ] as const)("%s: the logger hears of %j", async (logLevel, heard) => {
    const levels = new Set<string>();
    const take = (level: string) => () => levels.add(level);
    const logger = { debug: take("debug"), info: take("info"), warn: take("warn"), error: take("error") };
    const stage = await producerStage({}, { logger, logLevel });
    await stage.begun();
    // Something to be warned of.
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID" });
    await stage.when(stage.send("a"));
    expect([...levels].toSorted()).toEqual(heard);
  });
});

describe("metricsEnabled, metricsNumSamples and metricsSampleWindowMs", () => {
  it("are whether there are metrics, and over how long rates are taken", async () => {
    for (const metricsEnabled of [true, false]) {
      await using broker = await EmbeddedBroker.start({ topics: { [TOPIC]: 1 } });
      await using producer = new Producer({ bootstrapServers: broker.bootstrapServers, metricsEnabled });
      await producer.send(TOPIC, { value: "a" });
      expect(Object.keys(producer.metrics()).length > 0).toBe(metricsEnabled);
    }
    for (const [metricsNumSamples, metricsSampleWindowMs, isRemembered] of [
      [2, 1000, false],
      [20, 1000, true],
      [2, 10_000, true],
    ] as const) {
      const stage = await producerStage({}, { metricsNumSamples, metricsSampleWindowMs });
      await stage.when(stage.send("a"));
      await stage.clock.advance(5000);
      expect([metricsNumSamples, stage.metrics["record-send-rate"]! > 0]).toEqual([metricsNumSamples, isRemembered]);
    }
  });
});

describe("securityProtocol and its like", () => {
  async function secured(options: ProducerOptions): Promise<string> {
    const broker = await EmbeddedBroker.start({ topics: { [TOPIC]: 1 }, tls: true });
    onTestFinished(() => broker.close());
    const { bootstrapServers, caCertificate = "" } = broker;
    const given = JSON.parse(JSON.stringify(options).replaceAll('"THE CA"', JSON.stringify(caCertificate))) as ProducerOptions;
    const producer = new Producer({ bootstrapServers, requestTimeoutMs: 500, bootstrapTimeoutMs: 500, maxBlockMs: 500, ...given });
    onTestFinished(() => producer.close({ timeoutMs: 0 }));
    return producer.send(TOPIC, { value: "a" }).then(
      () => "written",
      (error: { readonly code: string }) => error.code,
    );
  }

  it.each<[ProducerOptions, boolean]>([
    [{ securityProtocol: "SSL", sslCa: "THE CA" }, true],
    [{ securityProtocol: "SSL", sslCa: ["THE CA"] }, true],
    [{ securityProtocol: "SSL" }, false],
    [{ securityProtocol: "PLAINTEXT" }, false],
    [{ securityProtocol: "SSL", sslCa: "THE CA", sslServerName: "elsewhere.test" }, false],
    [{ securityProtocol: "SSL", sslCa: "THE CA", sslServerName: "elsewhere.test", sslCheckHostname: false }, true],
  ])("%j: a broker with TLS takes a record: %s", async (options, isWritten) => {
    expect((await secured(options)) === "written").toBe(isWritten);
  });
});
