// What goes wrong between a connection and its broker, played by the embedded one. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import type { BrokerConnection } from "../../src/client/connection/broker-connection.ts";
import { ConnectionPool } from "../../src/client/connection/connection-pool.ts";
import type { ConnectionSettings } from "../../src/client/connection/connection-settings.ts";
import { ClosedError } from "../../src/client/errors.ts";
import { silentTelemetry } from "../../src/client/telemetry/silent.ts";
import { ApiVersions, Fetch, Heartbeat, ListGroups, Metadata, releases } from "../../src/protocol/index.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import { connectionSettings } from "../support/scripted-socket.ts";

class Stage implements AsyncDisposable {
  readonly clock: HeldClock;
  readonly broker: EmbeddedBroker;
  readonly pool: ConnectionPool;

  private constructor(clock: HeldClock, broker: EmbeddedBroker, settings: Partial<ConnectionSettings>) {
    this.clock = clock;
    this.broker = broker;
    const runtime = memoryRuntime(broker, { clock });
    this.pool = new ConnectionPool({ settings: { ...connectionSettings, ...settings }, runtime, telemetry: silentTelemetry });
  }

  static async start(settings: Partial<ConnectionSettings> = {}, options: EmbeddedBrokerOptions = {}): Promise<Stage> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({ clock, seed: 7, transport: "memory", topics: { orders: 1 }, ...options });
    return new Stage(clock, broker, settings);
  }

  deadline(ms = 60_000, signal?: AbortSignal): Deadline {
    return new Deadline(this.clock, ms, signal);
  }

  async connection(): Promise<BrokerConnection> {
    const { host, port, id } = this.broker.nodes[0]!;
    const connecting = this.pool.connection({ host, port, nodeId: id }, "main", this.deadline());
    connecting.catch(() => undefined);
    let isDone = false;
    void connecting
      .finally(() => {
        isDone = true;
      })
      .catch(() => undefined);
    await this.clock.runUntil(() => isDone, 120_000);
    return connecting;
  }

  /** Whatever becomes of a request, within a minute. */
  async outcome(connection: BrokerConnection, deadline: Deadline = this.deadline()): Promise<unknown> {
    let result: unknown;
    let isDone = false;
    const done = (value: unknown): void => {
      result = value;
      isDone = true;
    };
    connection.ask(ListGroups, {}, deadline).then(done, done);
    await this.clock.runUntil(() => isDone, 60_000);
    return isDone ? result : "nothing";
  }

  /** A new connection works: nothing of the old one is left. */
  async expectRecovery(): Promise<void> {
    const connection = await this.connection();
    expect(await this.outcome(connection)).toMatchObject({ body: { errorCode: 0 } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close(new ClosedError("the pool"));
    await this.broker.close();
    // What is still on its way.
    await this.clock.advance(1000);
    expect(this.clock.pendingTimers).toBe(0);
  }
}

const broken = { code: "CONNECTION", outcome: "unknown", retriable: true };
const timedOut = { code: "REQUEST_TIMEOUT", outcome: "unknown", retriable: true };

describe("an answer that never comes whole", () => {
  it.each(["end", "reset"] as const)(
    "C6, C7: cut by an %s at any byte fails the request retriably; the next connection knows nothing of it",
    async (then) => {
      await using stage = await Stage.start();
      for (let bytes = 0; bytes < 17; bytes++) {
        // oxlint-disable-next-line unicorn/no-thenable -- the fault's own word for what comes after
        stage.broker.faults.partialFrame({ api: "ListGroups", bytes, then });
        expect(await stage.outcome(await stage.connection())).toMatchObject(broken);
      }
      await stage.expectRecovery();
    },
  );

  it("C8: nothing at all for the request timeout: the connection is closed, and the next one works", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.neverAnswer({ api: "ListGroups" });
    const connection = await stage.connection();
    const startedAtMs = stage.clock.now();
    expect(await stage.outcome(connection)).toMatchObject(timedOut);
    expect(stage.clock.now() - startedAtMs).toBe(30_000);
    expect(connection.isOpen).toBe(false);
    await stage.expectRecovery();
  });

  it("C9: one byte now and then does not put the deadline off", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.dribble({ api: "ListGroups", everyMs: 5000 });
    const connection = await stage.connection();
    const startedAtMs = stage.clock.now();
    expect(await stage.outcome(connection)).toMatchObject(timedOut);
    expect(stage.clock.now() - startedAtMs).toBe(30_000);
    expect(connection.isOpen).toBe(false);
  });

  it("C10: byte by byte, but in time, it is an answer like any other", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.dribble({ api: ["ListGroups", "ApiVersions"], everyMs: 1, times: 2 });
    await stage.expectRecovery();
    expect(stage.broker.faults.pending).toBe(0);
  });

  it("C15: after the deadline: the late answer meets no connection that could take it for another's", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.delay({ api: "ListGroups", delayMs: 2000, afterApply: true });
    const connection = await stage.connection();
    expect(await stage.outcome(connection, stage.deadline(1000))).toMatchObject(timedOut);
    await stage.clock.advance(5000);
    await stage.expectRecovery();
  });
});

describe("an answer that is none", () => {
  it.each([
    ["C13: garbage", (stage: Stage) => stage.broker.faults.garbage({ api: "ListGroups" })],
    [
      "C11: an HTTP answer",
      (stage: Stage) => stage.broker.faults.garbage({ api: "ListGroups", bytes: Buffer.from("HTTP/1.1 400\r\n") }),
    ],
    ["C12: a negative size", (stage: Stage) => stage.broker.faults.frameLength({ api: "ListGroups", length: -1 })],
    ["C12: a size of 3", (stage: Stage) => stage.broker.faults.frameLength({ api: "ListGroups", length: 3 })],
    ["C11: a size of 2 GB", (stage: Stage) => stage.broker.faults.frameLength({ api: "ListGroups", length: 2_147_483_647 })],
    [
      "C14: another request's correlation id",
      (stage: Stage) => stage.broker.faults.wrongCorrelationId({ api: "ListGroups", by: 100 }),
    ],
  ] as const)("%s: closes the connection, and the next one works", async (_name, inject) => {
    await using stage = await Stage.start();
    inject(stage);
    const connection = await stage.connection();
    expect(await stage.outcome(connection)).toMatchObject({ code: "CONNECTION", outcome: "unknown" });
    expect(connection.isOpen).toBe(false);
    await stage.expectRecovery();
  });

  it("C12: whose size hides its end takes no more than the request timeout", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.frameLength({ api: "ListGroups", length: 5_000_000 });
    expect(await stage.outcome(await stage.connection())).toMatchObject(timedOut);
    await stage.expectRecovery();
  });

  it("C17: a second time closes the connection", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.duplicateAnswer({ api: "ListGroups" });
    const connection = await stage.connection();
    expect(await stage.outcome(connection)).toMatchObject({ body: { errorCode: 0 } });
    await stage.clock.advance(0);
    expect(connection.isOpen).toBe(false);
    await stage.expectRecovery();
  });

  it("C19: cut short inside the body fails its request with the place, and closes the connection", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.frameLength({ api: "ListGroups", length: 8 });
    const connection = await stage.connection();
    expect(await stage.outcome(connection)).toMatchObject({ code: "MALFORMED_MESSAGE", api: "ListGroups", kind: "response" });
    expect(connection.isOpen).toBe(false);
    await stage.expectRecovery();
  });
});

describe("a connection that breaks", () => {
  it("C5: with several requests in flight fails all of them", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const connection = await stage.connection();
    const failed = [1, 2, 3].map(() => connection.ask(Metadata, { topics: [] }, stage.deadline()).catch((error: unknown) => error));
    stage.broker.disconnectAll();
    await stage.clock.advance(0);
    expect(await Promise.all(failed)).toMatchObject([broken, broken, broken]);
    await stage.expectRecovery();
  });

  it("C7: by a reset, whether or not the request was carried out, has an unknown outcome", async () => {
    for (const afterApply of [false, true]) {
      await using stage = await Stage.start();
      stage.broker.faults.disconnect({ api: "ListGroups", reset: true, afterApply });
      expect(await stage.outcome(await stage.connection())).toMatchObject(broken);
      await stage.expectRecovery();
    }
  });

  it("C5: while it is being made is an attempt that failed", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.disconnect({ api: "ApiVersions", reset: true });
    await expect(stage.connection()).rejects.toMatchObject({ code: "CONNECTION", phase: "api versions" });
    await stage.expectRecovery();
  });

  it("C21: or is taken for an old one's, when the broker stops in that moment, is not: it is tried again", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.disconnect({ api: "ApiVersions" });
    await expect(stage.connection()).rejects.toMatchObject({ code: "CONNECTION", retriable: true });
    await stage.expectRecovery();
  });
});

describe("requests beside each other", () => {
  it("C15: a caller who gives up does not disturb the answers of the others", async () => {
    await using stage = await Stage.start();
    const connection = await stage.connection();
    const abort = new AbortController();
    const given = connection.ask(ListGroups, {}, stage.deadline(60_000, abort.signal)).catch((error: unknown) => error);
    const kept = connection.ask(Metadata, { topics: [] }, stage.deadline());
    abort.abort(new Error("enough"));
    expect(String(await given)).toBe("Error: enough");
    expect((await kept).body.clusterId).toBe(stage.broker.clusterId);
    expect(connection.isOpen).toBe(true);
  });

  it("C26: what waited behind a slow one and expired was never sent", async () => {
    await using stage = await Stage.start({ maxInFlightRequests: 1 });
    const connection = await stage.connection();
    stage.broker.faults.delay({ api: "ListGroups", delayMs: 5000 });
    const slow = connection.ask(ListGroups, {}, stage.deadline());
    const expired = connection.ask(Metadata, { topics: [] }, stage.deadline(1000)).catch((error: unknown) => error);
    await stage.clock.advance(5000);
    expect(await expired).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent" });
    await slow;
    expect(stage.broker.journal.requests("Metadata")).toHaveLength(0);
  });

  it("are not sent while the broker wants to be left alone (KIP-219)", async () => {
    await using stage = await Stage.start();
    const connection = await stage.connection();
    stage.broker.faults.throttle({ api: "Metadata", throttleMs: 700 });
    const { body } = await connection.ask(Metadata, { topics: [] }, stage.deadline());
    expect(body.throttleTimeMs).toBe(700);
    const askedAtMs = stage.clock.now();
    expect(await stage.outcome(connection)).toMatchObject({ body: { errorCode: 0 } });
    expect(stage.clock.now() - askedAtMs).toBe(700);
  });

  it("C10: come out the same on a network that cuts and delays whatever passes", async () => {
    await using stage = await Stage.start();
    const connection = await stage.connection();
    stage.broker.network.weather = { latencyMs: [1, 50], splitChance: 0.9 };
    const answers = Array.from({ length: 200 }, () => connection.ask(Metadata, { topics: [{ name: "orders" }] }, stage.deadline()));
    const all = Promise.all(answers);
    let isDone = false;
    void all.finally(() => {
      isDone = true;
    });
    await stage.clock.runUntil(() => isDone, 60_000);
    expect((await all).every(({ body }) => body.topics[0]?.name === "orders")).toBe(true);
  });
});

describe("brokers of all times", () => {
  it.each(releases)("C21: %s is agreed with", async (asVersion) => {
    await using stage = await Stage.start({}, { asVersion });
    const { versions } = await stage.connection();
    expect(versions.supports(Fetch)).toBe(true);
    expect(versions.choose(Heartbeat)).toBeGreaterThanOrEqual(1);
    expect(stage.broker.journal.requests("ApiVersions").length).toBeLessThanOrEqual(2);
  });

  it("KIP-1242: 4.4 says when it is not the broker that was meant", async () => {
    await using stage = await Stage.start();
    stage.pool.clusterId = "another-cluster";
    await expect(stage.connection()).rejects.toMatchObject({ code: "REBOOTSTRAP_REQUIRED" });
    stage.pool.clusterId = stage.broker.clusterId;
    await stage.expectRecovery();
    expect(stage.broker.journal.requests(ApiVersions.name).at(-1)).toMatchObject({
      body: { clusterId: stage.broker.clusterId, nodeId: 1 },
    });
  });
});
