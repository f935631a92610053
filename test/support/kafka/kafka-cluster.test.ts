import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { endWithThisProcess, runCommand } from "../child-processes.ts";
import { isAlive } from "../pid-lock.ts";
import { RawConnection } from "../raw-connection.ts";
import { createTopic, partitionOf, untilInSync, untilWritten } from "./acknowledged-write.ts";
import { askAt } from "./ask-at.ts";
import { KafkaCluster } from "./kafka-cluster.ts";
import { isRealKafkaAvailable } from "./kafka-node.ts";
import { API_VERSIONS_REQUEST } from "./readiness.ts";

/** The first run on a machine resolves jars and records a class archive; a busy machine takes its time over elections. */
const PATIENT_MS = 240_000;
/** Fences nobody who is only slow. */
const LONG_SESSION = { "broker.session.timeout.ms": "9000" };
/** The same, where a test waits for it. */
const SESSION = { "broker.session.timeout.ms": "5000" };
const INTERRUPTED = fileURLToPath(new URL("./interrupted-run.ts", import.meta.url));

let cluster: KafkaCluster | undefined;
afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

function scratchFoldersOf(owner: number): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`kafkawire-scratch-${owner}-`));
}

describe.skipIf(!isRealKafkaAvailable({ own: true }))("a cluster of real Kafkas", () => {
  it("comes up with three nodes; closed, it leaves no process and no file", { timeout: PATIENT_MS }, async () => {
    const before = scratchFoldersOf(process.pid);
    cluster = await KafkaCluster.start({ nodes: 3, properties: LONG_SESSION });
    expect(cluster).toMatchObject({ provider: "jars", nodes: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    const { brokers } = await cluster.ask("Metadata", 1, { topics: [] });
    const told = brokers.map(({ host, port }) => `${host}:${port}`);
    expect(told.sort()).toEqual(cluster.bootstrapServers.split(",").sort());
    expect(scratchFoldersOf(process.pid).length).toBe(before.length + 3);
    const pids = cluster.nodes.map(({ pid }) => pid ?? 0);
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    cluster.node(2).freeze();
    await cluster.close();
    await cluster.close();
    expect(pids.map(isAlive)).toEqual([false, false, false]);
    expect(scratchFoldersOf(process.pid)).toEqual(before);
  });

  it("behind proxies: clients are told the proxies' ports, and what they suffer does not touch replication", {
    timeout: PATIENT_MS,
  }, async () => {
    cluster = await KafkaCluster.start({ nodes: 3, proxied: true, properties: LONG_SESSION });
    const [first] = cluster.nodes;
    const { brokers } = await askAt(first!, "Metadata", 1, { topics: [] });
    const told = brokers.map(({ nodeId, port }) => [nodeId, port]);
    expect(new Map(told.map(([id, port]) => [id, port]))).toEqual(new Map(cluster.nodes.map(({ id, proxy }) => [id, proxy.port])));
    expect(first!.proxy.counts().accepted).toBe(1);

    const connection = await RawConnection.open(first!.host, first!.port);
    await connection.request(API_VERSIONS_REQUEST);
    first!.proxy.blackHole("toClient");
    const unanswered = connection.request(API_VERSIONS_REQUEST);
    await first!.proxy.until(({ heldToClient }) => heldToClient > 0);
    first!.proxy.cut();
    await expect(unanswered).rejects.toThrow("closed the connection");

    for (const { proxy } of cluster.nodes) {
      proxy.refuse();
      proxy.cut();
    }
    await expect(RawConnection.open(first!.host, first!.port)).rejects.toThrow("ECONNREFUSED");
    // The brokers have never come through a proxy.
    expect(cluster.nodes.map(({ proxy }) => proxy.counts().open)).toEqual([0, 0, 0]);
    await createTopic(cluster, "replicated", [1, 2, 3]);
    await untilWritten(cluster, "replicated");
    await untilInSync(cluster, "replicated", [1, 2, 3]);
    await cluster.awaitReady(3);
    await Promise.all(cluster.nodes.map(({ proxy }) => proxy.heal()));
    expect((await askAt(first!, "Metadata", 1, { topics: [] })).brokers.length).toBe(3);
  });

  it("one node can be a cluster too; it comes back after kill -9", { timeout: PATIENT_MS }, async () => {
    cluster = await KafkaCluster.start({ own: true });
    const [only] = cluster.nodes;
    await createTopic(cluster, "kept", [1]);
    await untilWritten(cluster, "kept");
    expect(() => only!.proxy).toThrow("proxied: true");
    expect(() => cluster?.node(2)).toThrow("no node 2");
    await only!.kill();
    expect(() => only!.freeze()).toThrow("stopped");
    await expect(cluster.ask("Metadata", 1, { topics: [] })).rejects.toThrow("no node runs");
    await expect(cluster.awaitReady(1, 1)).rejects.toThrow("none runs");
    await only!.restart();
    await cluster.awaitReady();
    await untilWritten(cluster, "kept");
  });

  it("leaves nothing behind if it cannot start, and says what the broker wrote", { timeout: PATIENT_MS }, async () => {
    const before = scratchFoldersOf(process.pid);
    const start = KafkaCluster.start({ nodes: 2, properties: { "num.io.threads": "none" } });
    await expect(start).rejects.toThrow(/num\.io\.threads/);
    expect(scratchFoldersOf(process.pid)).toEqual(before);
  });

  it("ends with a test run that is killed, and the next run removes its files", { timeout: PATIENT_MS }, async () => {
    const run = spawn(process.execPath, ["--import", "tsx", INTERRUPTED], { stdio: ["ignore", "pipe", "inherit"] });
    endWithThisProcess(run);
    const pids = await new Promise<readonly number[]>((resolve, reject) => {
      createInterface(run.stdout).once("line", (line) => resolve(line.split(" ").map(Number)));
      run.once("exit", (code) => reject(new Error(`the run ended by itself with ${code}`)));
    });
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    expect(scratchFoldersOf(run.pid!).length).toBe(3);
    run.kill("SIGKILL");
    await vi.waitUntil(() => !pids.some(isAlive), { timeout: 30_000 });
    await runCommand(process.execPath, ["--import", "tsx", INTERRUPTED, "sweep"]);
    expect(scratchFoldersOf(run.pid!)).toEqual([]);
  });
});

describe.skipIf(!isRealKafkaAvailable({ own: true }))("a node of a cluster of three", () => {
  let shared: KafkaCluster;

  beforeAll(async () => {
    shared = await KafkaCluster.start({ nodes: 3, properties: SESSION });
  }, PATIENT_MS);

  afterAll(async () => {
    await shared.close();
  });

  it("goes on without a node that is killed, and takes it back", { timeout: PATIENT_MS }, async () => {
    const topic = "killed";
    const victim = await shared.controller();
    const others = shared.nodes.map(({ id }) => id).filter((id) => id !== victim.id);
    await createTopic(shared, topic, [victim.id, ...others]);
    await untilWritten(shared, topic);
    expect(await partitionOf(shared, topic)).toMatchObject({ leaderId: victim.id });
    const firstPid = victim.pid;
    await victim.kill();
    expect(victim.state).toBe("stopped");
    await expect(RawConnection.open(victim.host, victim.port)).rejects.toThrow("ECONNREFUSED");
    await shared.awaitReady(2);
    await untilWritten(shared, topic);
    expect(others).toContain((await partitionOf(shared, topic)).leaderId);
    expect(others).toContain((await shared.controller()).id);
    await victim.restart();
    await shared.awaitReady(3);
    expect(victim.pid).not.toBe(firstPid);
    await untilInSync(shared, topic, [1, 2, 3]);
  });

  it("fences a node that is frozen, and takes it back when it goes on", { timeout: PATIENT_MS }, async () => {
    const topic = "frozen";
    const [victim] = shared.nodes;
    await createTopic(shared, topic, [victim!.id, 2, 3]);
    await untilWritten(shared, topic);
    victim!.freeze();
    expect(() => shared.node(2).continue()).toThrow("not frozen");
    // The kernel accepts in its place.
    const connection = await RawConnection.open(victim!.host, victim!.port, { timeoutMs: 60_000 });
    const answer = connection.request(API_VERSIONS_REQUEST);
    await shared.awaitReady(2);
    await untilWritten(shared, topic);
    victim!.continue();
    expect((await answer).length).toBeGreaterThan(0);
    await connection.close();
    await shared.awaitReady(3);
    await untilInSync(shared, topic, [1, 2, 3]);
  });

  it("hands leaderships over when a node is terminated", { timeout: PATIENT_MS }, async () => {
    const topic = "terminated";
    await createTopic(shared, topic, [1, 2, 3]);
    await untilWritten(shared, topic);
    await shared.node(1).terminate();
    await untilWritten(shared, topic);
    expect([2, 3]).toContain((await partitionOf(shared, topic)).leaderId);
    await shared.node(1).restart();
    await shared.awaitReady();
  });
});

describe("a cluster that runs already", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.skipIf(!isRealKafkaAvailable({ own: true }))("can be talked to, and not be harmed", { timeout: PATIENT_MS }, async () => {
    cluster = await KafkaCluster.start({ nodes: 1, own: true });
    const { pid } = cluster.nodes[0]!;
    vi.stubEnv("KAFKA_BOOTSTRAP", cluster.bootstrapServers);
    const running = await KafkaCluster.start();
    expect(running).toMatchObject({
      provider: "running",
      bootstrapServers: cluster.bootstrapServers,
      nodes: [{ id: 1, pid: undefined }],
    });
    const [node] = running.nodes;
    for (const harm of [() => node!.kill(), () => node!.terminate(), () => node!.restart()])
      await expect(harm()).rejects.toThrow(/is not offered by the running cluster that KAFKA_BOOTSTRAP names/);
    for (const harm of [() => node!.freeze(), () => node!.continue(), () => node!.proxy]) expect(harm).toThrow("is not offered");
    await expect(KafkaCluster.start({ nodes: 3 })).rejects.toThrow("a cluster of 3 nodes is not offered");
    await running.close();
    expect(isAlive(pid!)).toBe(true);
  });

  it("knows only the providers that there are", async () => {
    vi.stubEnv("KAFKA_PROVIDER", "cloud");
    await expect(KafkaCluster.start()).rejects.toThrow('KAFKA_PROVIDER is "cloud", expected one of running, jars, container');
    vi.stubEnv("KAFKA_PROVIDER", "running");
    vi.stubEnv("KAFKA_BOOTSTRAP", "");
    await expect(KafkaCluster.start()).rejects.toThrow("KAFKA_BOOTSTRAP is not set");
    await expect(KafkaCluster.start({ nodes: 1, own: true })).rejects.toThrow("a running cluster is nobody's own");
  });
});
