import { describe, expect, test } from "vitest";
import { HeldClock } from "../../broker/index.ts";
import { UnsupportedVersionError } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import type { BrokerAddress } from "../connection/lane.ts";
import { AuthenticationError, BootstrapError, ConnectionError, type ConnectionPhase } from "../errors.ts";
import type { ResolvedAddress, Runtime } from "../runtime.ts";
import { Bootstrap } from "./bootstrap.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { Pauses } from "./pauses.ts";

/** What happens when an address is dialled: its answer, how it fails, or nothing ever. */
type Behaviour = Error | "answers" | "hangs" | { readonly afterMs: number };

const addressOf = (target: BrokerAddress): string => `${target.host}:${target.port}`;

class Stage {
  readonly clock = new HeldClock();
  readonly dialled: string[] = [];
  readonly abandoned: string[] = [];
  readonly dns = new Map<string, readonly string[] | Error | "hangs">();
  readonly behaviours = new Map<string, Behaviour[]>();
  canonical: ((address: string) => Promise<string>) | undefined;

  /** Each time one further; the last one stays. */
  at(address: string, ...behaviours: Behaviour[]): this {
    this.behaviours.set(address, behaviours);
    return this;
  }

  bootstrap(servers: readonly string[], changes: Partial<ClusterSettings> = {}): Bootstrap<string, string> {
    const settings: ClusterSettings = {
      bootstrapServers: servers.map((server) => {
        const [host = "", port = "9092"] = server.split(":");
        return { host, port: Number(port) };
      }),
      clientDnsLookup: "use_all_dns_ips",
      bootstrapTimeoutMs: 30_000,
      metadataMaxAgeMs: 300_000,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1_000,
      defaultApiTimeoutMs: 60_000,
      metadataRecoveryStrategy: "rebootstrap",
      rebootstrapTriggerMs: 300_000,
      allowAutoCreateTopics: false,
      ...changes,
    };
    return new Bootstrap({
      settings,
      runtime: this.#runtime(),
      pauses: new Pauses(this.clock),
      connect: (target, deadline) => this.#dial(target, deadline),
      ask: (connection) => Promise.resolve(`metadata of ${connection}`),
    });
  }

  async run(bootstrap: Bootstrap<string, string>, timeoutMs = 30_000): Promise<{ answer?: string; error?: unknown; ms: number }> {
    const startMs = this.clock.now();
    let result: { answer?: string; error?: unknown } | undefined;
    bootstrap.run(new Deadline(this.clock, timeoutMs)).then(
      (answer) => (result = { answer }),
      (error: unknown) => (result = { error }),
    );
    await this.clock.runUntil(() => result !== undefined, 100_000);
    return { ...result, ms: this.clock.now() - startMs };
  }

  #dial(target: BrokerAddress, deadline: Deadline): Promise<string> {
    const key = target.address ?? target.host;
    this.dialled.push(`${addressOf(target)} at ${key}`);
    const script = this.behaviours.get(key) ?? [];
    const behaviour = script.length > 1 ? script.shift() : script[0];
    deadline.signal?.addEventListener("abort", () => this.abandoned.push(key));
    const never = new Promise<string>(() => undefined);
    const timedOut = (): Error => failure(key, "tcp", "no connection in time");
    if (behaviour === undefined || behaviour === "hangs") return deadline.race(never, timedOut);
    if (behaviour === "answers") return Promise.resolve(key);
    if (behaviour instanceof Error) return Promise.reject(behaviour);
    const { afterMs } = behaviour;
    return deadline.race(new Promise((resolve) => void this.clock.schedule(afterMs, () => resolve(key))), timedOut);
  }

  #runtime(): Runtime {
    return {
      clock: this.clock,
      random: () => 0,
      uuid: () => "",
      resolve: (host) => this.#resolve(host),
      ...(this.canonical === undefined ? {} : { canonicalName: this.canonical }),
      transport: { connect: () => Promise.reject(new Error("unused")) },
    };
  }

  #resolve(host: string): Promise<readonly ResolvedAddress[]> {
    const found = this.dns.get(host) ?? [host];
    if (found === "hangs") return new Promise(() => undefined);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found.map((address) => ({ address, family: 4 })));
  }
}

function failure(broker: string, phase: ConnectionPhase, problem: string, retriable = true): ConnectionError {
  return new ConnectionError(problem, { broker, phase, retriable });
}

describe("finding a bootstrap server", () => {
  test("takes the first that answers, and asks no other", async () => {
    const stage = new Stage().at("a", "answers").at("b", "answers");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of a", ms: 0 });
    expect(stage.dialled).toEqual(["a:9092 at a"]);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test("a server that refuses costs nothing: the next is tried at once", async () => {
    const stage = new Stage().at("a", failure("a", "tcp", "ECONNREFUSED")).at("b", "answers");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of b", ms: 0 });
  });

  test("a server that hangs costs the head start, and is left behind", async () => {
    const stage = new Stage().at("a", "hangs").at("b", "answers");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of b", ms: 500 });
    expect(stage.abandoned).toContain("a");
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test("a slow server may still be the one, though others were tried meanwhile", async () => {
    const stage = new Stage().at("a", { afterMs: 700 }).at("b", "hangs");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of a", ms: 700 });
  });

  test("C4: every address of a name is tried in turn", async () => {
    const stage = new Stage().at("10.0.0.1", failure("a", "tcp", "refused")).at("10.0.0.2", "answers");
    stage.dns.set("a", ["10.0.0.1", "10.0.0.2"]);
    expect(await stage.run(stage.bootstrap(["a"]))).toMatchObject({ answer: "metadata of 10.0.0.2" });
    expect(stage.dialled).toEqual(["a:9092 at 10.0.0.1", "a:9092 at 10.0.0.2"]);
  });

  test("C3: a name that cannot be resolved yet is resolved again", async () => {
    const stage = new Stage().at("10.0.0.1", "answers");
    stage.dns.set("a", new Error("getaddrinfo ENOTFOUND a"));
    const result = stage.run(stage.bootstrap(["a"]));
    await stage.clock.advance(0);
    stage.dns.set("a", ["10.0.0.1"]);
    expect(await result).toMatchObject({ answer: "metadata of 10.0.0.1" });
  });

  test("passes through all servers come slower and slower, until the deadline", async () => {
    const stage = new Stage().at("a", failure("a", "tcp", "refused"));
    const { error, ms } = await stage.run(stage.bootstrap(["a"]), 10_000);
    expect(ms).toBe(10_000);
    expect(error).toBeInstanceOf(BootstrapError);
    expect(stage.dialled.length).toBeGreaterThan(10);
    expect(stage.dialled.length).toBeLessThan(20);
  });

  test("nothing is hidden: the error lists every address with how far it got and why it failed", async () => {
    const stage = new Stage()
      .at("10.0.0.1", failure("b", "tcp", "ECONNREFUSED"))
      .at("10.0.0.2", failure("b", "tls", "certificate has expired"))
      .at("c", new AuthenticationError("bad password", { broker: "c:9092" }))
      .at("d", failure("d", "api versions", "HTTP is spoken there"))
      .at("e", "hangs");
    stage.dns.set("a", new Error("getaddrinfo ENOTFOUND a"));
    stage.dns.set("b", ["10.0.0.1", "10.0.0.2"]);
    const { error } = await stage.run(stage.bootstrap(["a", "b", "c", "d", "e"]), 5_000);
    expect(error).toMatchObject({
      code: "BOOTSTRAP",
      retriable: true,
      attempts: [
        { address: "a:9092", phase: "dns" },
        { address: "b:9092 (10.0.0.1)", phase: "tcp" },
        { address: "b:9092 (10.0.0.2)", phase: "tls" },
        { address: "c:9092", phase: "sasl" },
        { address: "d:9092", phase: "api versions" },
        { address: "e:9092", phase: "tcp" },
      ],
    });
    expect(String(error)).toMatch(/ENOTFOUND.*ECONNREFUSED.*expired.*bad password.*HTTP.*no connection in time/s);
  });

  test("a round that the deadline breaks off hides no failure of the round before", async () => {
    const refused = failure("a", "tcp", "ECONNREFUSED");
    const stage = new Stage().at("10.0.0.1", refused, "hangs").at("10.0.0.2", refused);
    stage.dns.set("a", ["10.0.0.1", "10.0.0.2"]);
    const { error } = await stage.run(stage.bootstrap(["a"]), 1_000);
    const attempts = error instanceof BootstrapError ? error.attempts : [];
    expect(attempts.map(({ address }) => address)).toEqual(["a:9092 (10.0.0.1)", "a:9092 (10.0.0.2)"]);
  });

  test("who gives up before the end is told also of what still might answer", async () => {
    const stage = new Stage().at("a", failure("a", "tcp", "ECONNREFUSED")).at("b", "hangs");
    const bootstrap = stage.bootstrap(["a", "b"]);
    const end = bootstrap.run(new Deadline(stage.clock, 60_000)).catch((error: unknown) => error);
    await stage.clock.advance(2_000);
    expect(bootstrap.failure()).toMatchObject({ retriable: true });
    expect(bootstrap.failure().message).toMatch(/a:9092 \(tcp\).*ECONNREFUSED\n.*b:9092 \(tcp\).*no answer yet after 2000 ms/);
    await stage.clock.advance(60_000);
    expect(await end).toBeInstanceOf(BootstrapError);
  });

  test("an address that is being tried again is told of once, with how it failed before", async () => {
    const stage = new Stage().at("a", failure("a", "tcp", "ECONNREFUSED"), "hangs");
    const bootstrap = stage.bootstrap(["a"]);
    const end = bootstrap.run(new Deadline(stage.clock, 60_000)).catch((error: unknown) => error);
    await stage.clock.advance(2_000);
    expect(bootstrap.failure()).toMatchObject({
      attempts: [{ address: "a:9092", cause: { message: expect.stringContaining("ECONNREFUSED") } }],
    });
    await stage.clock.advance(60_000);
    expect(await end).toBeInstanceOf(BootstrapError);
  });

  test("C30: when every server refuses who we are, that is the error, at once", async () => {
    const stage = new Stage();
    for (const host of ["a", "b"]) stage.at(host, new AuthenticationError("bad password", { broker: `${host}:9092` }));
    const { error, ms } = await stage.run(stage.bootstrap(["a", "b"]));
    expect(ms).toBe(0);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ broker: "a:9092, b:9092", cause: expect.any(BootstrapError) });
    const alone = new AuthenticationError("bad password", { broker: "a:9092" });
    expect((await stage.run(stage.at("a", alone).bootstrap(["a"]))).error).toBe(alone);
  });

  test("one server that refuses who we are keeps nobody from another", async () => {
    const stage = new Stage()
      .at("a", new AuthenticationError("bad password", { broker: "a" }))
      .at("b", failure("b", "tcp", "refused"), "answers");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of b" });
  });

  test("C28: what cannot mend itself fails at once and is not retriable", async () => {
    const stage = new Stage()
      .at("a", failure("a", "tls", "plain text is spoken there", false))
      .at("b", new UnsupportedVersionError("too old"));
    const { error, ms } = await stage.run(stage.bootstrap(["a", "b"]));
    expect(ms).toBe(0);
    expect(error).toMatchObject({ code: "BOOTSTRAP", retriable: false, attempts: [{ phase: "tls" }, { phase: "api versions" }] });
  });

  test("a resolver that hangs is bounded by the deadline, and keeps nobody from other servers", async () => {
    const stage = new Stage().at("b", "answers");
    stage.dns.set("a", "hangs");
    expect(await stage.run(stage.bootstrap(["a", "b"]))).toMatchObject({ answer: "metadata of b", ms: 500 });
    const { error, ms } = await stage.run(stage.bootstrap(["a"]), 4_000);
    expect(ms).toBe(4_000);
    expect(error).toMatchObject({ attempts: [{ address: "a:9092", phase: "dns" }] });
  });

  test("with canonical names the certificate must be for the name of each address", async () => {
    const stage = new Stage().at("10.0.0.1", failure("a", "tcp", "refused")).at("10.0.0.2", "answers");
    stage.dns.set("all", ["10.0.0.1", "10.0.0.2"]);
    stage.canonical = (address) => (address.endsWith("1") ? Promise.resolve("one.example") : Promise.reject(new Error("no name")));
    await stage.run(stage.bootstrap(["all"], { clientDnsLookup: "resolve_canonical_bootstrap_servers_only" }));
    expect(stage.dialled).toEqual(["one.example:9092 at 10.0.0.1", "10.0.0.2:9092 at 10.0.0.2"]);
  });

  test("an abort ends it with the caller's reason", async () => {
    const stage = new Stage().at("a", "hangs");
    const controller = new AbortController();
    const end = stage
      .bootstrap(["a"])
      .run(new Deadline(stage.clock, 60_000, controller.signal))
      .catch((error: unknown) => error);
    await stage.clock.advance(1_000);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await end).toBe(reason);
    await stage.clock.advance(0);
    expect(stage.clock.pendingTimers).toBe(0);
  });
});
