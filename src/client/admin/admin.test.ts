import { describe, expect, it } from "vitest";
import { type AdminClientStage, adminStage } from "../../../test/support/admin-client-stage.ts";
import { memoryRuntime } from "../../../test/support/client-runtime.ts";
import { EmbeddedBroker, HeldClock } from "../../broker/index.ts";
import { KafkaError } from "../../protocol/index.ts";
import { BootstrapError, ClosedError, ConfigError, IllegalStateError, RequestTimeoutError } from "../errors.ts";
import { Admin } from "./admin.ts";

describe("an Admin client", () => {
  it("is made without I/O, and connects when it is first used", async () => {
    const { admin, when, broker } = await adminStage();
    expect(broker.journal.text()).not.toContain("connect");
    await when(admin.listTopics());
    expect(broker.journal.text()).toContain("connect");
  });

  it("lists all problems of its options at once", () => {
    // @ts-expect-error: not an option
    const make = (): Admin => new Admin({ bootstrapServers: "host:99999", requestTimeoutMs: -1, bootstrapServer: "x" });
    expect(make).toThrow(ConfigError);
    try {
      make();
    } catch (error) {
      expect(error).toMatchObject({ problems: { length: 3 } });
    }
  });

  it("lets calls end by their own time, and by the option's where they have none", async () => {
    const stage = await adminStage({}, { defaultApiTimeoutMs: 7000, requestTimeoutMs: 3000 });
    stage.broker.faults.neverAnswer({ api: "DescribeCluster", times: Number.POSITIVE_INFINITY });
    const long = await stage.outcomeOf(stage.admin.describeCluster());
    expect(long.error).toBeInstanceOf(RequestTimeoutError);
    expect(long.tookMs).toBe(7000);
    const short = await stage.outcomeOf(stage.admin.describeCluster({ timeoutMs: 300 }));
    expect(short.error).toBeInstanceOf(RequestTimeoutError);
    expect(short.tookMs).toBe(300);
    const none = await stage.outcomeOf(stage.admin.describeCluster({ timeoutMs: 0 }));
    expect(none.error).toBeInstanceOf(RequestTimeoutError);
    expect(none.tookMs).toBe(0);
  });

  it("C8: says of a broker that takes the connection and is silent how far it came", async () => {
    const stage = await adminStage();
    stage.broker.faults.neverAnswer({ api: "ApiVersions", times: Number.POSITIVE_INFINITY });
    const { error, tookMs } = await stage.outcomeOf(stage.admin.listTopics({ timeoutMs: 1000 }));
    expect(tookMs).toBe(1000);
    expect(error).toBeInstanceOf(BootstrapError);
    expect(String(error)).toMatch(/\(api versions\): no answer yet after \d+ ms$/);
  });

  it("ends a call with the reason of its signal, before it, during it, and leaves the signal alone afterwards", async () => {
    const { admin, when, broker, clock } = await adminStage();
    const gone = new Error("the user went home");
    await expect(when(admin.listTopics({ signal: AbortSignal.abort(gone) }))).rejects.toBe(gone);
    const controller = new AbortController();
    broker.faults.neverAnswer({ api: "ListOffsets", times: Number.POSITIVE_INFINITY });
    broker.createTopic("orders");
    const query = { topic: "orders", partition: 0, at: "latest" } as const;
    clock.schedule(500, () => controller.abort(gone));
    await expect(when(admin.listOffsets([query], { signal: controller.signal }))).rejects.toBe(gone);
    const unused = new AbortController();
    await when(admin.listTopics({ signal: unused.signal }));
    unused.abort(gone);
    expect(await when(admin.listTopics())).toEqual(["orders"]);
  });

  it("says what a call takes to whoever hands over one thing instead of a list", async () => {
    const { admin } = await adminStage();
    // @ts-expect-error: not a list
    await expect(admin.createTopics({ name: "orders" })).rejects.toThrow(
      "createTopics: takes a list like [{ name: 'orders' }], not a single",
    );
    // @ts-expect-error: not an object
    await expect(admin.createTopics(["orders"])).rejects.toThrow("not ['orders']");
    // @ts-expect-error: not a list
    await expect(admin.describeTopics("orders")).rejects.toThrow("describeTopics: takes a list like ['orders'], not 'orders'");
    // @ts-expect-error: not a list
    await expect(admin.deleteTopics()).rejects.toThrow("not undefined");
    // @ts-expect-error: not a list
    await expect(admin.listOffsets({ topic: "orders", partition: 0, at: "latest" })).rejects.toThrow(IllegalStateError);
    // @ts-expect-error: not an object
    await expect(admin.describeConfigs([null])).rejects.toThrow("not [null]");
    // @ts-expect-error: not a list
    await expect(admin.incrementalAlterConfigs("orders")).rejects.toThrow(IllegalStateError);
  });

  it("refuses times and signals that are none", async () => {
    const { admin } = await adminStage();
    await expect(admin.listTopics({ timeoutMs: -1 })).rejects.toThrow(IllegalStateError);
    await expect(admin.listTopics({ timeoutMs: Number.NaN })).rejects.toThrow("must be a number of milliseconds, not NaN");
    // @ts-expect-error: not a signal
    await expect(admin.listTopics({ signal: {} })).rejects.toThrow("must be an AbortSignal");
  });

  it("counts what it does", async () => {
    const { admin, when } = await adminStage();
    await when(admin.listTopics());
    const metrics = admin.metrics();
    const [group] = Object.keys(metrics).filter((name) => name.startsWith("admin"));
    expect(metrics[group ?? ""]).toMatchObject({ "request-total": expect.any(Number) as number });
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
  });
});

describe("closing", () => {
  it("may be done twice, before anything was asked or after, and at the end of a scope", async () => {
    const { broker, clock } = await adminStage();
    const runtime = memoryRuntime(broker, { clock });
    const unused = new Admin({ bootstrapServers: broker.bootstrapServers }, runtime);
    await unused.close();
    await unused.close();
    let leftOpen: Admin | undefined;
    {
      await using scoped = new Admin({ bootstrapServers: broker.bootstrapServers, clientId: "scoped" }, runtime);
      leftOpen = scoped;
    }
    await expect(leftOpen.listTopics()).rejects.toThrow("admin client 'scoped' was closed");
  });

  it("makes calls that are under way reject, wherever they are, and leaves nothing behind", async () => {
    const stage = await adminStage({ nodes: 3, topics: { orders: 3 } });
    const { admin, when, broker, clock } = stage;
    await when(admin.listTopics());
    broker.faults.neverAnswer({ api: ["CreateTopics", "ListOffsets", "DescribeConfigs"], times: Number.POSITIVE_INFINITY });
    broker.faults.failNext({ api: "DeleteTopics", error: "NOT_CONTROLLER", times: Number.POSITIVE_INFINITY });
    const calls = [
      admin.createTopics([{ name: "a" }]),
      admin.deleteTopics(["orders"]),
      admin.listOffsets([0, 1].map((partition) => ({ topic: "orders", partition, at: "latest" }))),
      admin.listOffsets([{ topic: "missing", partition: 0, at: "latest" }]),
      admin.describeConfigs([
        { type: "broker", name: "2" },
        { type: "topic", name: "orders" },
      ]),
    ];
    const settled = Promise.allSettled(calls);
    await clock.advance(50);
    await when(admin.close());
    const errors = (await when(settled)).map((result) => (result.status === "rejected" ? (result.reason as unknown) : undefined));
    for (const error of errors) expect(error).toBeInstanceOf(ClosedError);
    expect(errors).toHaveLength(5);
    await expect(admin.listTopics()).rejects.toBeInstanceOf(ClosedError);
    await clock.advance(1000);
    expect(clock.pendingTimers).toBe(0);
  });

  it("waits for calls as long as it is told to", async () => {
    const { admin, when, broker, clock } = await adminStage();
    broker.faults.delay({ api: "CreateTopics", delayMs: 400 });
    const made = admin.createTopics([{ name: "a" }]);
    await clock.advance(10);
    const startMs = clock.now();
    await when(admin.close({ timeoutMs: 5000 }));
    expect(clock.now() - startMs).toBeLessThanOrEqual(400);
    expect(await made).toMatchObject([{ name: "a" }]);
  });

  it("waits for a call that has only just begun, too", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 } });
    const listing = admin.listTopics();
    const late = when(admin.close({ timeoutMs: 5000 }));
    await expect(admin.listTopics()).rejects.toBeInstanceOf(ClosedError);
    await late;
    expect(await listing).toEqual(["a"]);
  });

  it("waits no longer than that", async () => {
    const { admin, when, broker, clock } = await adminStage();
    broker.faults.neverAnswer({ api: "CreateTopics" });
    const made = admin.createTopics([{ name: "a" }]).catch((error: unknown) => error);
    await clock.advance(10);
    const startMs = clock.now();
    await when(admin.close({ timeoutMs: 500 }));
    expect(clock.now() - startMs).toBe(500);
    expect(await made).toBeInstanceOf(ClosedError);
  });

  it("ends a call that is still looking for a broker", async () => {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({ transport: "memory", clock });
    const admin = new Admin({ bootstrapServers: broker.bootstrapServers }, memoryRuntime(broker, { clock }));
    await broker.close();
    const listing = admin.listTopics().catch((error: unknown) => error);
    await clock.advance(300);
    await admin.close();
    expect(await listing).toBeInstanceOf(ClosedError);
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("when brokers are down", () => {
  it("C1: a call ends by its deadline and lists what was tried", async () => {
    const stage = await adminStage({ nodes: 2 });
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const { error, tookMs } = await stage.outcomeOf(stage.admin.listTopics({ timeoutMs: 4000 }));
    expect(tookMs).toBeLessThanOrEqual(4000);
    expect(error).toBeInstanceOf(KafkaError);
    const tried = error instanceof BootstrapError ? error : (error as Error).cause;
    expect(String(tried)).toContain("127.0.0.1:9092");
    expect(String(tried)).toContain("ECONNREFUSED");
  });

  it("a call succeeds as soon as one is back", async () => {
    const { admin, when, broker, clock } = await adminStage({ nodes: 2, topics: { orders: 1 } });
    for (const { id } of broker.nodes) await broker.stopNode(id);
    const listing = admin.listTopics();
    clock.schedule(3000, () => void broker.startNode(2));
    expect(await when(listing)).toEqual(["orders"]);
  });

  it("a stream of calls, while nodes are killed and come back, succeeds or fails typed within its time", async () => {
    const stage = await adminStage({ nodes: 3, topics: { orders: { partitions: 6, replicationFactor: 3 } } });
    const { clock, broker } = stage;
    const tally = { fine: 0, typed: 0, late: 0, other: 0 };
    const stream = callsFor(stage, 60_000, tally);
    for (const [atMs, node] of [
      [5000, 1],
      [20_000, 2],
      [35_000, 3],
    ] as const) {
      clock.schedule(atMs, () => void broker.stopNode(node));
      clock.schedule(atMs + 10_000, () => void broker.startNode(node));
    }
    await stage.when(stream);
    expect(tally).toMatchObject({ late: 0, other: 0 });
    expect(tally.fine).toBeGreaterThan(500);
    expect(tally.typed).toBeLessThan(tally.fine / 20);
  });
});

const CALL_TIMEOUT_MS = 3000;

/** Five lines of calls, each the next as soon as the last has ended. */
async function callsFor({ admin, clock }: AdminClientStage, durationMs: number, tally: Record<string, number>): Promise<void> {
  const endMs = clock.now() + durationMs;
  const options = { timeoutMs: CALL_TIMEOUT_MS };
  const everywhere = Array.from({ length: 6 }, (_, partition) => ({ topic: "orders", partition, at: "latest" }) as const);
  const calls: readonly ((round: number, line: number) => Promise<unknown>)[] = [
    () => admin.listTopics(options),
    (round, line) => admin.createTopics([{ name: `topic-${line}-${round}`, numPartitions: 1, replicationFactor: 1 }], options),
    async () => {
      const failed = (await admin.listOffsets(everywhere, options)).find(({ error }) => error !== undefined);
      if (failed?.error !== undefined) throw failed.error;
    },
    () => admin.describeConfigs([{ type: "topic", name: "orders" }], options),
    () => admin.describeCluster(options),
  ];
  const line = async (call: (round: number, line: number) => Promise<unknown>, index: number): Promise<void> => {
    for (let round = 0; clock.now() < endMs; round++) {
      const startMs = clock.now();
      const key = await call(round, index).then(
        () => "fine",
        (error: unknown) => (error instanceof KafkaError ? "typed" : "other"),
      );
      tally[key] = (tally[key] ?? 0) + 1;
      if (clock.now() - startMs > CALL_TIMEOUT_MS) tally["late"] = (tally["late"] ?? 0) + 1;
      await new Promise<void>((resolve) => {
        clock.schedule(250, resolve);
      });
    }
  };
  await Promise.all(calls.map(line));
}
