import { EmbeddedBroker, HeldClock, type JournalEntry } from "../../../src/broker/index.ts";
import type { Runtime } from "../../../src/client/runtime.ts";
import type { Codecs } from "../../../src/protocol/index.ts";
import { memoryRuntime } from "../../support/client-runtime.ts";
import type { Chapter } from "../chapters/chapter.ts";
import type { Watch } from "../checkers/checker.ts";
import { ActiveFaults } from "./active-faults.ts";
import type { EndedCall } from "./call.ts";
import { ClientFootprint } from "./client-footprint.ts";
import { Dice } from "./dice.ts";
import { RunJournal } from "./run-journal.ts";
import { drawScenario, type Scenario } from "./scenario.ts";
import { type Closable, SimulatedClient } from "./simulated-client.ts";
import { drawThreads, simulatedCodecs } from "./simulated-codecs.ts";
import { Truth } from "./truth.ts";

export interface Violation {
  readonly rule: string;
  readonly text: string;
  readonly atMs: number;
}

/** More than this in one run is somebody running wild; without a bound the simulator would go with him. */
const MOST_JOURNAL_ITEMS = 100_000;
const MOST_STEPS_AT_ONCE = 10_000;

const CONFIGS = {
  // The clients' wall clock may be wrong by days: what they write then is written nevertheless.
  "log.message.timestamp.after.max.ms": String(Number.MAX_SAFE_INTEGER),
  // Enough for coordinators to be different nodes; fifty would be most of what clients are told of the cluster.
  "offsets.topic.num.partitions": "5",
  "transaction.state.log.num.partitions": "5",
  // Members are given up as soon as classic ones: groups live for a minute or so.
  "group.consumer.min.session.timeout.ms": "6000",
  "group.consumer.session.timeout.ms": "6000",
  "group.consumer.min.heartbeat.interval.ms": "1000",
  "group.consumer.heartbeat.interval.ms": "2000",
};

export const FAST_SOCKETS = { chance: 0, mostMs: 0 };

const CHANGES_TOPICS: ReadonlySet<string> = new Set(["CreateTopics", "DeleteTopics", "CreatePartitions"]);

/** One seed's cluster, clients and faults, and what was seen of them. */
export class World {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly clock: HeldClock;
  readonly broker: EmbeddedBroker;
  readonly journal: RunJournal;
  readonly truth: Truth;
  readonly faults: ActiveFaults;
  readonly violations: Violation[] = [];
  readonly clients: SimulatedClient<Closable>[] = [];
  /** The names of errors that faults made brokers answer with, whatever the truth was. */
  readonly injectedErrors: Set<string> = new Set();
  /** True until the last fault is over. */
  isStormy = true;
  /** Somebody has set the wall clock of the machine that the clients run on: so far is it from the brokers'. */
  clientsWallClockMs = 0;
  /** How likely what clients write is held back, and for how long. */
  slowSockets: { readonly chance: number; readonly mostMs: number } = FAST_SOCKETS;
  /** When the process that all clients live in stood still, in monotonic time. */
  readonly #stalls: { readonly fromMs: number; readonly toMs: number }[] = [];
  /** When those stood still who have a process of their own. */
  readonly #ownStalls: { readonly clientId: string; readonly fromMs: number; readonly toMs: number }[] = [];
  /** Connections that their clients have closed, or know to be broken. */
  readonly #gone = new Set<number>();
  #lastConnection = 0;
  /** How many calls have ended. */
  calls = 0;
  /** How many timers were due at this one millisecond. */
  #stepsNow = 0;
  #steppedMs = 0;
  /** How often somebody tried to connect since the last timer. */
  #dialsNow = 0;
  readonly #watches: readonly Watch[];
  readonly #dice: Dice;

  private constructor(
    seed: number,
    scenario: Scenario,
    dice: Dice,
    clock: HeldClock,
    broker: EmbeddedBroker,
    chapters: readonly Chapter[],
  ) {
    this.seed = seed;
    this.scenario = scenario;
    this.clock = clock;
    this.broker = broker;
    this.#dice = dice;
    this.journal = new RunJournal(clock);
    this.truth = new Truth(broker);
    this.faults = new ActiveFaults(this);
    this.#watches = chapters.flatMap(({ checkers }) => checkers).map((checker) => checker.watch(this));
    broker.journal.onEntry((entry) => this.#onEntry(entry));
  }

  static async begin(seed: number, chapters: readonly Chapter[]): Promise<World> {
    const dice = new Dice(seed);
    const scenario = drawScenario(dice.fork());
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({
      nodes: scenario.nodes,
      asVersion: scenario.release,
      autoCreateTopics: scenario.autoCreateTopics,
      configs: CONFIGS,
      topics: Object.fromEntries(scenario.topics),
      transport: "memory",
      clock,
      seed: dice.integer(0x7fff_ffff),
    });
    return new World(seed, scenario, dice, clock, broker, chapters);
  }

  forkDice(): Dice {
    return this.#dice.fork();
  }

  /** A client that lives in this world. `make` is given the runtime that it must use. */
  addClient<Client extends Closable>(kind: string, make: (runtime: Runtime, clientId: string) => Client): SimulatedClient<Client> {
    const clientId = `${kind}-${this.clients.length + 1}`;
    const memory = memoryRuntime(this.broker, { clock: this.clock, random: this.#dice.integer(0x7fff_ffff) });
    const runtime = { ...memory, codecs: this.#codecsFor(clientId) };
    const dice = this.forkDice();
    const footprint = new ClientFootprint(runtime, {
      onDial: (address) => this.#onDial(clientId, address),
      lastConnection: () => this.#lastConnection,
      onGone: (connection) => this.#gone.add(connection),
      wallClockMs: () => this.clientsWallClockMs,
      standsStillMs: () => this.standsStillMs,
      drawHoldMs: () => (dice.chance(this.slowSockets.chance) ? dice.integer(this.slowSockets.mostMs) : 0),
    });
    const client = new SimulatedClient(this, clientId, footprint, make(footprint.runtime, clientId));
    this.clients.push(client);
    return client;
  }

  #codecsFor(clientId: string): Codecs {
    const dice = this.forkDice();
    const threads = drawThreads(dice);
    this.journal.note(clientId, `has threads: ${JSON.stringify(threads)}`);
    return simulatedCodecs(threads, dice, (ms) => this.wait(ms));
  }

  async wait(ms: number): Promise<void> {
    let leftMs = ms;
    do {
      await new Promise<void>((resolve) => {
        this.clock.schedule(leftMs, resolve);
      });
      leftMs = this.standsStillMs;
    } while (leftMs > 0);
  }

  /** The event loop of all clients is blocked: their timers fire late, and what has come for them lies there. */
  stall(ms: number): void {
    const fromMs = this.clock.monotonic();
    this.#stalls.push({ fromMs, toMs: Math.max(fromMs + ms, this.#stalls.at(-1)?.toMs ?? 0) });
    for (const { footprint } of this.clients) footprint.freeze();
    // As in Node: first the timers that are late, then the sockets.
    void this.wait(ms).then(() => {
      this.clock.schedule(0, () => {
        if (this.standsStillMs > 0) return;
        for (const { footprint } of this.clients) footprint.thaw();
      });
    });
  }

  /** How much longer all clients stand still. */
  get standsStillMs(): number {
    return Math.max(0, (this.#stalls.at(-1)?.toMs ?? 0) - this.clock.monotonic());
  }

  /** Whether nobody waits for an answer on that connection any more. */
  isGone(connection: number): boolean {
    return this.#gone.has(connection);
  }

  /** One client is in a process of its own, whose event loop is blocked. */
  stallOne({ clientId, footprint }: SimulatedClient<Closable>, ms: number): void {
    const fromMs = this.clock.monotonic();
    this.#ownStalls.push({ clientId, fromMs, toMs: fromMs + ms });
    footprint.stall(ms);
  }

  /** When something can be over at the earliest that is due then: nobody is on time who stands still. */
  excused(dueMs: number, clientId?: string): number {
    const own = this.#ownStalls.filter((stall) => stall.clientId === clientId);
    const stalls = [...this.#stalls, ...own].sort((one, other) => one.fromMs - other.fromMs);
    return stalls.reduce((due, { fromMs, toMs }) => (due >= fromMs && due < toMs ? toMs : due), dueMs);
  }

  violate(rule: string, text: string): void {
    this.violations.push({ rule, text, atMs: this.clock.monotonic() });
    // Without the stack, which is not always there.
    this.journal.note("VIOLATION", `${rule}: ${text.split("\n", 1).join("")}`);
  }

  /** Lets time pass until `done` settles, something is wrong, or `limitMs` are over; the latter is wrong, too. */
  async until(what: string, done: Promise<unknown>, limitMs: number): Promise<void> {
    let isDone = false;
    const settled = done.then(
      () => {
        isDone = true;
      },
      (error: unknown) => {
        isDone = true;
        this.violate("no surprise", `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      },
    );
    const end = this.clock.monotonic() + limitMs;
    await this.clock.runUntil(() => {
      this.#step();
      return isDone || this.violations.length > 0 || this.clock.monotonic() > end;
    });
    if (isDone) await settled;
    else if (this.violations.length === 0)
      this.violate("everything ends", `${what} had not ended after ${limitMs} ms; ${this.#waiting()}`);
  }

  /** Lets time pass, whatever happens meanwhile. */
  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.clock.schedule(ms, () => {
      isOver = true;
    });
    await this.clock.runUntil(() => !this.#timePasses() || isOver);
  }

  callEnded(call: EndedCall): void {
    this.calls++;
    for (const watch of this.#watches) watch.onCallEnd?.(call);
  }

  async atRest(): Promise<void> {
    for (const watch of this.#watches) await watch.atRest?.();
  }

  #step(): void {
    this.#timePasses();
    this.truth.look();
    for (const watch of this.#watches) watch.onStep?.();
    if (this.journal.length > MOST_JOURNAL_ITEMS)
      this.violate("nobody runs wild", `the journal has ${this.journal.length} entries`);
  }

  /** False when there is always one more timer that is due at once: then it never will. */
  #timePasses(): boolean {
    const now = this.clock.monotonic();
    this.#stepsNow = now === this.#steppedMs ? this.#stepsNow + 1 : 0;
    this.#steppedMs = now;
    this.#dialsNow = 0;
    if (this.#stepsNow <= MOST_STEPS_AT_ONCE) return true;
    this.violate("nobody runs wild", `${this.#stepsNow} timers were due at ${now} ms`);
    return false;
  }

  #onEntry(entry: JournalEntry): void {
    this.journal.take(entry);
    if (entry.kind === "connect") this.#lastConnection = entry.connection ?? 0;
    // What one request has made the next one may undo before any timer is due.
    if (entry.kind === "response" && CHANGES_TOPICS.has(entry.api ?? "")) this.truth.look();
    for (const watch of this.#watches) watch.onEntry?.(entry);
  }

  /** False when there are too many at once. */
  #onDial(clientId: string, address: string): boolean {
    for (const watch of this.#watches) watch.onDial?.(clientId, address);
    return ++this.#dialsNow <= MOST_STEPS_AT_ONCE;
  }

  #waiting(): string {
    const calls = this.clients.flatMap(({ openCalls }) => [...openCalls].map(({ title }) => title()));
    return calls.length === 0 ? "no call is open" : `open: ${calls.join("; ")}`;
  }
}
