import { describe, expect, it, vi } from "vitest";
import { memoryRuntime } from "../../../test/support/client-runtime.ts";
import { connectionSettings } from "../../../test/support/scripted-socket.ts";
import { EmbeddedBroker, HeldClock } from "../../broker/index.ts";
import { FindCoordinator, Metadata } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { ClosedError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { silentTelemetry } from "../telemetry/silent.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { ConnectionPool } from "./connection-pool.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { BrokerAddress } from "./lane.ts";
import { TransportError } from "./transport.ts";

class Stage implements AsyncDisposable {
  readonly clock = new HeldClock();
  readonly broker: EmbeddedBroker;
  readonly pool: ConnectionPool;
  /** When each attempt began, in the clock's monotonic time. */
  readonly attempts: number[] = [];
  readonly disconnected = vi.fn<Telemetry["disconnected"]>();
  readonly connectFailed = vi.fn<Telemetry["connectFailed"]>();
  /** What every attempt to connect fails of. */
  refusal: Error | undefined;

  private constructor(clock: HeldClock, broker: EmbeddedBroker, settings: Partial<ConnectionSettings>) {
    this.clock = clock;
    this.broker = broker;
    const runtime = memoryRuntime(broker, { clock });
    const { transport } = runtime;
    const watched: Runtime = {
      ...runtime,
      transport: {
        connect: (target, reader) => {
          this.attempts.push(clock.monotonic());
          return this.refusal === undefined ? transport.connect(target, reader) : Promise.reject(this.refusal);
        },
      },
    };
    const telemetry = { ...silentTelemetry, disconnected: this.disconnected, connectFailed: this.connectFailed };
    this.pool = new ConnectionPool({ settings: { ...connectionSettings, ...settings }, runtime: watched, telemetry });
  }

  static async start(settings: Partial<ConnectionSettings> = {}, nodes = 1): Promise<Stage> {
    const clock = new HeldClock();
    return new Stage(clock, await EmbeddedBroker.start({ nodes, clock, seed: 1, transport: "memory" }), settings);
  }

  node(id = 1): BrokerAddress {
    const { host, port } = this.broker.nodes[id - 1]!;
    return { host, port, nodeId: id };
  }

  deadline(ms = 60_000, signal?: AbortSignal): Deadline {
    return new Deadline(this.clock, ms, signal);
  }

  async failure(ms = 60_000): Promise<unknown> {
    return this.pool.connection(this.node(), "main", this.deadline(ms)).catch((error: unknown) => error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close(new ClosedError("the pool"));
    await this.clock.advance(0);
    await this.broker.close();
  }
}

describe("a connection", () => {
  it("is made once for all who ask at the same time, and kept for those who ask later", async () => {
    await using stage = await Stage.start();
    const [one, other] = await Promise.all([1, 2].map(() => stage.pool.connection(stage.node(), "main", stage.deadline())));
    expect(one).toBe(other);
    expect(await stage.pool.connection(stage.node(), "main", stage.deadline())).toBe(one);
    expect(stage.pool.open(stage.node(), "main")).toBe(one);
    expect(stage.attempts).toHaveLength(1);
    const { body } = await one!.ask(Metadata, { topics: [] }, stage.deadline());
    expect(body.clusterId).toBe(stage.broker.clusterId);
  });

  it("C25: of another lane is another one: nothing waits behind a long poll", async () => {
    await using stage = await Stage.start();
    stage.broker.faults.neverAnswer({ api: "FindCoordinator" });
    const slow = await stage.pool.connection(stage.node(), "coordinator", stage.deadline());
    const fast = await stage.pool.connection(stage.node(), "main", stage.deadline());
    expect(slow).not.toBe(fast);
    const stuck = slow.ask(FindCoordinator, { coordinatorKeys: ["group"] }, stage.deadline()).catch((error: unknown) => error);
    await fast.ask(Metadata, { topics: [] }, stage.deadline());
    stage.pool.close(new ClosedError("the pool"));
    expect(await stuck).toMatchObject({ code: "CLOSED", outcome: "unknown" });
  });

  it("C22: knows the versions of its own broker: an upgrade is seen by the next one", async () => {
    await using stage = await Stage.start();
    const first = await stage.pool.connection(stage.node(), "main", stage.deadline());
    first.close(new Error("over"));
    stage.broker.faults.on("ApiVersions", () => ({ apiKeys: [{ apiKey: Metadata.key, minVersion: 4, maxVersion: 7 }] }), {
      times: 1,
    });
    const second = await stage.pool.connection(stage.node(), "main", stage.deadline());
    expect([first.versions.choose(Metadata), second.versions.choose(Metadata)]).toEqual([Metadata.clientVersions[1], 7]);
  });
});

describe("after a failure", () => {
  it("C1: the next attempt waits, each time twice as long give or take a fifth, up to the maximum", async () => {
    await using stage = await Stage.start({ reconnectBackoffMs: 100, reconnectBackoffMaxMs: 1000 });
    stage.refusal = new TransportError("tcp", "connect ECONNREFUSED");
    for (let attempt = 0; attempt < 7; attempt++) {
      const failed = stage.failure();
      await stage.clock.advance(1000);
      expect(await failed).toMatchObject({ code: "CONNECTION", phase: "tcp", outcome: "not sent" });
    }
    const retryIn = stage.connectFailed.mock.calls.map(([, { retryInMs }]) => retryInMs);
    for (const [index, middle] of [100, 200, 400, 800].entries()) {
      expect(retryIn[index]).toBeGreaterThanOrEqual(middle * 0.8);
      expect(retryIn[index]).toBeLessThanOrEqual(middle * 1.2);
    }
    expect(retryIn.slice(4).every((ms) => ms <= 1000 && ms >= 1000 * 0.8)).toBe(true);
    expect(new Set(retryIn.slice(0, 4)).size).toBe(4);
  });

  it("C1: a success makes the waiting begin anew", async () => {
    await using stage = await Stage.start({ reconnectBackoffMs: 100, reconnectBackoffMaxMs: 10_000 });
    stage.refusal = new TransportError("tcp", "connect ECONNREFUSED");
    for (let attempt = 0; attempt < 3; attempt++) {
      const failed = stage.failure();
      await stage.clock.advance(1000);
      await failed;
    }
    stage.refusal = undefined;
    const connecting = stage.pool.connection(stage.node(), "main", stage.deadline());
    await stage.clock.advance(1000);
    await connecting;
    expect(stage.pool.backoffMs(stage.node(), "main")).toBe(0);
    stage.broker.disconnectAll();
    await stage.clock.advance(0);
    const backoffMs = stage.pool.backoffMs(stage.node(), "main");
    expect(backoffMs).toBeGreaterThanOrEqual(80);
    expect(backoffMs).toBeLessThanOrEqual(120);
  });

  it("C1: whoever has less time than the waiting is told so at the deadline, with the last problem", async () => {
    await using stage = await Stage.start({ reconnectBackoffMs: 500, reconnectBackoffMaxMs: 500 });
    stage.refusal = new TransportError("tcp", "connect ECONNREFUSED");
    await stage.failure();
    const failed = stage.failure(100);
    await stage.clock.advance(100);
    const error = await failed;
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent", timeoutMs: 100 });
    expect(String(error)).toContain("the last problem was: broker 127.0.0.1:9092: connect ECONNREFUSED");
    expect(stage.attempts).toHaveLength(1);
  });

  it("whoever has no time left, or has given up before, makes nobody connect", async () => {
    await using stage = await Stage.start();
    expect(await stage.failure(0)).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent" });
    const aborted = stage.pool.connection(stage.node(), "main", stage.deadline(1000, AbortSignal.abort(new Error("enough"))));
    await expect(aborted).rejects.toThrow("enough");
    expect(stage.attempts).toEqual([]);
  });

  it("whoever gives up is let go with the reason, and the attempt goes on for the others", async () => {
    await using stage = await Stage.start();
    const abort = new AbortController();
    const impatient = stage.pool
      .connection(stage.node(), "main", stage.deadline(1000, abort.signal))
      .catch((error: unknown) => error);
    const patient = stage.pool.connection(stage.node(), "main", stage.deadline());
    abort.abort(new Error("enough"));
    expect(String(await impatient)).toBe("Error: enough");
    expect((await patient).isOpen).toBe(true);
    expect(stage.attempts).toHaveLength(1);
  });

  it("C27: of a certificate all who wait are told at once, and the next attempt waits as long as it may", async () => {
    await using stage = await Stage.start({ reconnectBackoffMs: 50, reconnectBackoffMaxMs: 4000 });
    const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    stage.refusal = new TransportError("tls", cause.message, { cause });
    const errors = await Promise.all([stage.failure(), stage.failure()]);
    expect(errors).toMatchObject([{ code: "AUTHENTICATION" }, { code: "AUTHENTICATION" }]);
    expect(stage.attempts).toHaveLength(1);
    expect(stage.pool.backoffMs(stage.node(), "main")).toBe(4000);
  });

  it("C8: a broker that accepts and says nothing is given up after the request timeout, and tried again", async () => {
    await using stage = await Stage.start({ requestTimeoutMs: 2000 });
    const fault = stage.broker.faults.neverAnswer({ api: "ApiVersions" });
    const failed = stage.failure();
    await stage.clock.advance(2000);
    expect(await failed).toMatchObject({ code: "CONNECTION", phase: "api versions" });
    fault.cancel();
    const connecting = stage.pool.connection(stage.node(), "main", stage.deadline());
    await stage.clock.advance(100);
    expect((await connecting).isOpen).toBe(true);
  });
});

describe("brokers that are elsewhere", () => {
  it("C24: a node that moves gets a new connection, and what was in flight on the old one fails", async () => {
    await using stage = await Stage.start({}, 2);
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const old = await stage.pool.connection(stage.node(1), "main", stage.deadline());
    const stuck = old.ask(Metadata, { topics: [] }, stage.deadline()).catch((error: unknown) => error);
    const moved = { ...stage.node(2), nodeId: 1 };
    expect(stage.pool.open(moved, "main")).toBeUndefined();
    const next = await stage.pool.connection(moved, "main", stage.deadline());
    expect(next).not.toBe(old);
    expect(old.isOpen).toBe(false);
    expect(await stuck).toMatchObject({ code: "CONNECTION", outcome: "unknown", retriable: true });
    expect(stage.pool.open(moved, "main")).toBe(next);
  });

  it("C24: two nodes at one place have a connection each", async () => {
    await using stage = await Stage.start();
    const one = await stage.pool.connection(stage.node(), "main", stage.deadline());
    const other = await stage.pool.connection({ ...stage.node(), nodeId: 7 }, "main", stage.deadline());
    expect(other).not.toBe(one);
    expect(one.isOpen).toBe(true);
  });

  it("M10: nodes that are gone lose their connections, nodes that stay and bootstrap servers keep them", async () => {
    await using stage = await Stage.start({}, 2);
    const bootstrap = { ...stage.node(1), nodeId: -1 };
    const kept = await stage.pool.connection(stage.node(1), "main", stage.deadline());
    const gone = await stage.pool.connection(stage.node(2), "fetch", stage.deadline());
    const first = await stage.pool.connection(bootstrap, "main", stage.deadline());
    stage.pool.keepOnly([stage.node(1)]);
    expect([kept, gone, first].map(({ isOpen }) => isOpen)).toEqual([true, false, true]);
    expect(stage.disconnected.mock.calls.map(([, { reason, error }]) => [reason, error])).toEqual([
      [expect.stringContaining("node 2 is no longer part of the cluster"), undefined],
    ]);
  });

  it("M11: dropping all closes all, and forgets the waiting", async () => {
    await using stage = await Stage.start({ reconnectBackoffMs: 5000, reconnectBackoffMaxMs: 5000 });
    stage.refusal = new TransportError("tcp", "connect ECONNREFUSED");
    await stage.failure();
    stage.refusal = undefined;
    const open = await stage.pool.connection(stage.node(), "fetch", stage.deadline());
    stage.pool.dropAll(new Error("rebootstrap"));
    expect(open.isOpen).toBe(false);
    expect(stage.pool.backoffMs(stage.node(), "main")).toBe(0);
    expect((await stage.pool.connection(stage.node(), "main", stage.deadline())).isOpen).toBe(true);
  });
});

describe("quiet ends", () => {
  it("C23: an idle connection is closed before the broker does it; the next one is made without waiting", async () => {
    await using stage = await Stage.start({ connectionsMaxIdleMs: 60_000 });
    const connection = await stage.pool.connection(stage.node(), "main", stage.deadline());
    await stage.clock.advance(60_000);
    expect(connection.isOpen).toBe(false);
    expect(stage.disconnected.mock.calls.map(([, facts]) => facts)).toEqual([{ reason: "idle", error: undefined, inFlight: 0 }]);
    expect(stage.pool.open(stage.node(), "main")).toBeUndefined();
    expect(stage.pool.backoffMs(stage.node(), "main")).toBe(0);
    expect(await stage.pool.connection(stage.node(), "main", stage.deadline())).not.toBe(connection);
  });

  it("C23: a connection that the broker closes while nothing is asked is no error, and the request that comes then was not sent", async () => {
    await using stage = await Stage.start();
    const connection = await stage.pool.connection(stage.node(), "main", stage.deadline());
    stage.broker.disconnectAll();
    await stage.clock.advance(0);
    expect(connection.isOpen).toBe(false);
    const failed = await connection.ask(Metadata, {}, stage.deadline()).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "CONNECTION", outcome: "not sent", retriable: true });
  });
});

it("C24: closes the connection to a node that metadata places elsewhere now, and no other", async () => {
  await using stage = await Stage.start({}, 2);
  const [moved, stays] = await Promise.all([1, 2].map((id) => stage.pool.connection(stage.node(id), "main", stage.deadline())));
  stage.pool.keepOnly([{ ...stage.node(1), port: 1 }, stage.node(2)]);
  expect([moved?.isOpen, stays?.isOpen]).toEqual([false, true]);
});

it("C4: has a connection for each address of a bootstrap server's name", async () => {
  await using stage = await Stage.start();
  const { host, port } = stage.node();
  const [good, bad] = [host, "192.0.2.1"].map((address) =>
    stage.pool.connection({ host: "bootstrap", port, nodeId: -1, address }, "main", stage.deadline()),
  );
  await expect(bad).rejects.toMatchObject({ code: "CONNECTION", phase: "tcp" });
  expect((await good)?.isOpen).toBe(true);
});

it("forgets the addresses of bootstrap servers when the cluster is known: their names may stand for others each time", async () => {
  await using stage = await Stage.start();
  const bootstrap = { ...stage.node(), nodeId: -1 };
  stage.refusal = new TransportError("tcp", "refused");
  const fail = (): Promise<unknown> => stage.pool.connection(bootstrap, "main", stage.deadline()).catch((error: unknown) => error);
  await fail();
  const again = fail();
  await stage.clock.advance(60);
  await again;
  stage.pool.keepOnly([stage.node()]);
  const growing = stage.pool.backoffMs(bootstrap, "main");
  expect(growing).toBeGreaterThan(0);
  await stage.clock.advance(growing);
  stage.pool.keepOnly([stage.node()]);
  await fail();
  expect(stage.pool.backoffMs(bootstrap, "main")).toBeLessThanOrEqual(60);
});

describe("closing", () => {
  it("fails those who wait with the reason, and leaves no timer; afterwards nobody gets a connection", async () => {
    const stage = await Stage.start({ reconnectBackoffMs: 5000, reconnectBackoffMaxMs: 5000 });
    const reason = new ClosedError("the client");
    stage.refusal = new TransportError("tcp", "connect ECONNREFUSED");
    await stage.failure();
    const backingOff = stage.failure();
    stage.refusal = undefined;
    const open = await stage.pool.connection(stage.node(), "fetch", stage.deadline());
    const connecting = stage.pool.connection(stage.node(), "coordinator", stage.deadline()).catch((error: unknown) => error);
    stage.pool.close(reason);
    stage.pool.close(new Error("again"));
    expect(await Promise.all([backingOff, connecting])).toEqual([reason, reason]);
    expect(open.isOpen).toBe(false);
    expect(await stage.failure()).toBe(reason);
    await stage.broker.close();
    await stage.clock.advance(0);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it("1,000 times leaves no timer, and no connection at the broker", async () => {
    await using stage = await Stage.start();
    for (let cycle = 0; cycle < 1000; cycle++) {
      const connection = await stage.pool.connection(stage.node(), "main", stage.deadline());
      if (cycle % 2 === 0) await connection.ask(Metadata, { topics: [] }, stage.deadline());
      stage.pool.dropAll(new Error("over"));
    }
    await stage.clock.advance(0);
    expect(stage.clock.pendingTimers).toBe(0);
    const kinds = [...stage.broker.journal].map(({ kind }) => kind);
    expect(stage.attempts).toHaveLength(1000);
    expect(kinds.filter((kind) => kind === "connect").length).toBe(kinds.filter((kind) => kind === "disconnect").length);
  });
});
