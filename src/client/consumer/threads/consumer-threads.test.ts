import { afterEach, describe, expect, it } from "vitest";
import { FROM_SOURCES, ThreadNotes, threadModule } from "../../../../test/support/thread-notes.ts";
import { EmbeddedBroker } from "../../../broker/index.ts";
import type { ConsumerOptions } from "../../config/consumer-options.ts";
import { Producer } from "../../producer/producer.ts";
import { strings } from "../../serializers/strings.ts";
import { Consumer } from "../consumer.ts";
import type { ThreadedRunOptions } from "./threaded-run-options.ts";

const TOPIC = "orders";
const GROUP = "readers";
const PARTITIONS = 4;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Threads are real, and so is the network between them and the embedded broker. */
class Stage {
  readonly broker: EmbeddedBroker;
  readonly notes = new ThreadNotes();
  readonly stop = new AbortController();

  constructor(broker: EmbeddedBroker) {
    this.broker = broker;
    ends.push(
      () => broker.close(),
      () => this.notes.close(),
    );
  }

  static async open(): Promise<Stage> {
    return new Stage(await EmbeddedBroker.start({ topics: { [TOPIC]: PARTITIONS } }));
  }

  consumer(options: Partial<ConsumerOptions> = {}): Consumer {
    const { bootstrapServers } = this.broker;
    const base = { bootstrapServers, groupId: GROUP, clientId: "facade", autoOffsetReset: "earliest" } as const;
    const consumer = new Consumer({ ...base, heartbeatIntervalMs: 100, sessionTimeoutMs: 6_000, ...options });
    ends.push(() => consumer.close({ timeoutMs: 0 }));
    return consumer;
  }

  subscribed(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = this.consumer(options);
    consumer.subscribe(TOPIC);
    return consumer;
  }

  how(changes: Partial<ThreadedRunOptions> = {}): ThreadedRunOptions {
    const { signal } = this.stop;
    const data = { channel: this.notes.name };
    return { module: threadModule("noting"), threads: 2, data, signal, workerOptions: FROM_SOURCES, ...changes };
  }

  /** One record a partition, or in the named one. */
  async write(value: string, partition?: number): Promise<void> {
    await using producer = new Producer({ bootstrapServers: this.broker.bootstrapServers, valueSerializer: strings });
    const partitions = partition === undefined ? [0, 1, 2, 3] : [partition];
    await Promise.all(partitions.map((one) => producer.send(TOPIC, { value, partition: one })));
  }

  async committed(): Promise<readonly (number | undefined)[]> {
    const places = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition }));
    const found = await this.consumer({ clientId: "outsider" }).committed(places);
    return found.map((one) => one?.offset);
  }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "none",
    (error: unknown) => error,
  );
const places = (count: number): readonly string[] =>
  [0, 1, 2, 3].flatMap((partition) => Array.from({ length: count }, (_, offset) => `${TOPIC}-${partition}/${offset}`)).sort();

describe("run on threads", () => {
  it("each thread is a member of the group, and together they process every record once, and commit it", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed();
    const running = consumer.run(stage.how());
    await stage.write("a");
    await stage.notes.until(() => stage.notes.places.length === 4);
    let reports = await consumer.threads();
    while (reports.some(({ assignment }) => assignment.length !== 2)) reports = await consumer.threads();
    await stage.write("b");
    await stage.notes.until(() => new Set(stage.notes.places).size === 8);
    const last = stage.notes.all.slice(-4);
    expect(new Set(last.map(({ threadId }) => threadId)).size).toBe(2);
    expect(new Set(reports.map(({ memberId }) => memberId)).size).toBe(2);
    expect(reports.map(({ memberId }) => /^facade-\d/.exec(memberId)?.[0])).toEqual(["facade-0", "facade-1"]);
    expect(reports.map(({ thread, rebalances }) => [thread, rebalances.at(-1)?.outcome])).toEqual([
      [0, "assigned"],
      [1, "assigned"],
    ]);
    expect(reports.every(({ metrics }) => (metrics["consumer-coordinator-metrics"]?.["rebalance-total"] ?? 0) > 0)).toBe(true);
    expect([consumer.memberId, consumer.assignment()]).toEqual(["", []]);
    stage.stop.abort();
    await running;
    await stage.notes.untilClosed(2);
    expect([stage.notes.places, stage.notes.closed, await stage.committed()]).toEqual([places(2), [0, 1], [2, 2, 2, 2]]);
    expect(await consumer.threads()).toEqual([]);
  });

  it("closing closes every member, with what is processed committed", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed({ autoCommitIntervalMs: 3_600_000 });
    const running = consumer.run(stage.how());
    await stage.write("a");
    await stage.notes.until(() => stage.notes.places.length === 4);
    await consumer.close();
    await running;
    await stage.notes.untilClosed(2);
    expect([stage.notes.closed, await stage.committed()]).toEqual([
      [0, 1],
      [1, 1, 1, 1],
    ]);
    await expect(consumer.run(stage.how())).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("a function that throws ends it for all; run goes on with the record that it failed of", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed();
    await stage.write("a");
    await stage.write("throw", 2);
    const error = await failure(consumer.run(stage.how()));
    expect(error).toMatchObject({
      name: "ThreadError",
      code: "THREAD_FAILED",
      message: expect.stringMatching(/^run: thread [01] \(of 2\) has failed: TypeError$/),
      cause: { name: "TypeError", message: "this record cannot be", stack: expect.stringContaining("noting.mjs") },
    });
    await stage.notes.untilClosed(2);
    expect((await stage.committed())[2]).toBe(1);
    const again = await failure(consumer.run(stage.how({ threads: 1 })));
    expect(again).toMatchObject({ thread: 0, cause: { name: "TypeError" } });
  });

  it.each([
    ["exits", "exit", { problem: "it has exited with code 7 in the middle of its work", cause: undefined }],
    ["does not catch an error", "uncaught", { problem: "an error that nobody has caught", cause: expect.any(RangeError) }],
  ] as const)("a thread that %s ends it, and the others leave as they should", async (_what, value, { problem, cause }) => {
    const stage = await Stage.open();
    const consumer = stage.subscribed();
    const running = failure(consumer.run(stage.how()));
    let reports = await consumer.threads();
    while (reports.some(({ assignment }) => assignment.length !== 2)) reports = await consumer.threads();
    await stage.write(value, 0);
    expect(await running).toMatchObject({ code: "THREAD_FAILED", message: expect.stringContaining(problem), cause });
    await stage.notes.untilClosed(1);
  });

  it("who is still at work when the time for closing is over is ended", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed();
    const running = failure(consumer.run(stage.how({ threads: 1 })));
    await stage.write("a");
    await stage.notes.until(() => stage.notes.places.length === 4);
    await stage.write("spin", 0);
    await consumer.close({ timeoutMs: 200 });
    expect([await running, await consumer.threads()]).toMatchObject([{ message: expect.stringContaining("was ended") }, []]);
  });

  it("whole batches, by the function of a default export, which has the thread's consumer", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed({ enableAutoCommit: false });
    await stage.write("a");
    const running = consumer.run(stage.how({ module: threadModule("batches"), threads: 1, concurrency: 2 }));
    await stage.notes.until(() => stage.notes.places.length === 4);
    stage.stop.abort();
    await running;
    expect(stage.notes.all.every(({ count, memberId }) => count === 1 && memberId !== "")).toBe(true);
    expect(await stage.committed()).toEqual([1, 1, 1, 1]);
  });

  it("static members have a name each", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed({ groupInstanceId: "fixed" });
    const running = consumer.run(stage.how());
    let reports = await consumer.threads();
    while (reports.some(({ assignment }) => assignment.length !== 2)) reports = await consumer.threads();
    const joins = stage.broker.journal.requests("JoinGroup").map(({ body }) => Reflect.get(body as object, "groupInstanceId"));
    expect(new Set(joins)).toEqual(new Set(["fixed-0", "fixed-1"]));
    stage.stop.abort();
    await running;
  });

  it("a module without a function, or that cannot be loaded, is told", async () => {
    const stage = await Stage.open();
    const consumer = stage.subscribed();
    expect(await failure(consumer.run(stage.how({ module: threadModule("nothing"), threads: 1 })))).toMatchObject({
      cause: {
        code: "ILLEGAL_STATE",
        message: expect.stringContaining("must export one of the functions eachRecord and eachBatch"),
      },
    });
    const missing = new URL("./is-not-there.mjs", import.meta.url);
    expect(await failure(consumer.run(stage.how({ module: missing, threads: 1 })))).toMatchObject({
      cause: { code: "ERR_MODULE_NOT_FOUND" },
    });
  });
});

describe("a run on threads is refused", () => {
  const { how } = { how: { module: threadModule("noting"), threads: 1 } };
  const open = (options: Partial<ConsumerOptions<unknown, unknown>> = {}): Consumer<unknown, unknown> => {
    const consumer = new Consumer<unknown, unknown>({ bootstrapServers: "localhost:1", groupId: GROUP, ...options });
    ends.push(() => consumer.close());
    return consumer;
  };
  const refusalOf = async (consumer: Consumer<unknown, unknown>, options: ThreadedRunOptions = how): Promise<string> =>
    String(await failure(consumer.run(options)));

  it.each([
    ["valueDeserializer", { valueDeserializer: strings }, /option valueDeserializer\.\w+ is a function/],
    ["defaultOffsetCommitCallback", { defaultOffsetCommitCallback: () => undefined }, /defaultOffsetCommitCallback is a function/],
    ["logger", { logger: console }, /option logger/],
  ])("with an option that cannot go there: %s", async (_name, options, expected) => {
    const consumer = open(options);
    consumer.subscribe(TOPIC);
    expect(await refusalOf(consumer)).toMatch(expected);
  });

  it("without a group, a subscription, or with a listener or partitions of one's own", async () => {
    const alone = open({ groupId: undefined });
    alone.subscribe(TOPIC);
    expect(await refusalOf(alone)).toContain("set groupId");
    const idle = open();
    expect(await refusalOf(idle)).toContain("subscribe to topics first");
    idle.assign([{ topic: TOPIC, partition: 0 }]);
    expect(await refusalOf(idle)).toContain("assign() has no part in that");
    const listening = open();
    listening.subscribe(TOPIC, { onPartitionsAssigned: () => undefined });
    expect(await refusalOf(listening)).toContain("let the module export it");
  });

  it("with numbers that cannot be, or what is no URL", async () => {
    const consumer = open();
    consumer.subscribe(TOPIC);
    expect(await refusalOf(consumer, { ...how, threads: 0 })).toContain("threads must be");
    const both = { ...how, eachRecord: () => undefined };
    expect(await refusalOf(consumer, both)).toContain("not both");
    expect(await refusalOf(consumer, { ...how, concurrency: 0.5 })).toContain("concurrency must be");
    expect(await refusalOf(consumer, { ...how, module: "./handler.js" as unknown as URL })).toContain("module must be a URL");
    expect(await failure(consumer.run({ ...how, data: () => undefined }))).toMatchObject({ name: "DataCloneError" });
  });

  it("and is not begun when its signal has aborted before", async () => {
    const consumer = open();
    consumer.subscribe(/^o/);
    await consumer.run({ ...how, signal: AbortSignal.abort() });
  });
});
