// A client's short life with a hostile broker, and what was wrong with it.

import { EmbeddedBroker, HeldClock } from "../../../src/broker/index.ts";
import { ClientCore } from "../../../src/client/client-core.ts";
import { resolveAdminConfig } from "../../../src/client/config/admin-config.ts";
import { Admin } from "../../../src/client/index.ts";
import type { Runtime } from "../../../src/client/runtime.ts";
import { KafkaError, type KafkaRelease } from "../../../src/protocol/index.ts";
import { memoryRuntime } from "../../support/client-runtime.ts";
import { Random } from "../random.ts";
import { type Clients, drawDeed } from "./deeds.ts";
import { HostileTransport } from "./hostile-transport.ts";
import { type Character, liar } from "./lies.ts";

const APIS: readonly string[] = [
  "Metadata",
  "ApiVersions",
  "FindCoordinator",
  "DescribeTopicPartitions",
  "DescribeConfigs",
  "ListOffsets",
  "DescribeCluster",
];
const RELEASES: readonly KafkaRelease[] = ["4.4", "4.4", "4.1", "3.7", "2.8", "2.3", "1.0", "0.11"];
const CALLS = 6;
/** Of one API within 100 ms: of each call so many, besides what comes of topologies. */
const MOST_IN_WINDOW = 50;
/** A clock of whole milliseconds rounds up. */
const GRACE_MS = 2;
/** For the cluster and a life, and for each answer: large ones take their time at both ends. */
const LIFE_CPU_MS = 3000;
const ANSWER_CPU_MS = 100;

export interface RoundResult {
  readonly problems: readonly string[];
  readonly answered: number;
  readonly failed: number;
  readonly requests: number;
}

export async function playRound(seed: number): Promise<RoundResult> {
  const random = new Random(seed);
  const before = process.cpuUsage();
  const clock = new HeldClock();
  const asVersion = random.pick(RELEASES);
  const broker = await EmbeddedBroker.start({ transport: "memory", seed, clock, asVersion, nodes: 1 + random.below(3) });
  broker.createTopic("orders", 3);
  broker.createTopic("payments", 4);
  const runtime = memoryRuntime(broker, { clock, random: seed });
  const transport = new HostileTransport(runtime.transport, clock, liar(random, drawCharacter(random)), MOST_IN_WINDOW);
  const life = new Life({ ...runtime, transport }, broker.bootstrapServers, random, clock);
  await life.play();
  await life.close();
  await broker.close();
  // What was delayed on the way.
  await clock.advance(60_000);
  const problems = [...life.problems, ...transport.problems];
  if (clock.pendingTimers > 0) problems.push(`${clock.pendingTimers} timers are left`);
  const { user, system } = process.cpuUsage(before);
  const tookMs = Math.round((user + system) / 1000);
  if (tookMs > LIFE_CPU_MS + transport.requests * ANSWER_CPU_MS) problems.push(`it took ${tookMs} ms of the processor`);
  return { problems, answered: life.answered, failed: life.failed, requests: transport.requests };
}

function drawCharacter(random: Random): Character {
  return {
    liesOfHundred: random.pick([2, 10, 30, 70, 100]),
    api: random.below(2) === 0 ? undefined : random.pick(APIS),
    isPlausible: random.below(2) === 0,
    isStubborn: random.below(3) === 0,
  };
}

class Life {
  readonly problems: string[] = [];
  answered = 0;
  failed = 0;
  readonly #clients: Clients;
  readonly #random: Random;
  readonly #clock: HeldClock;

  constructor(runtime: Runtime, bootstrapServers: string, random: Random, clock: HeldClock) {
    this.#random = random;
    this.#clock = clock;
    const requestTimeoutMs = random.pick([500, 3000, 30_000]);
    const options = { bootstrapServers, clientId: "fuzz", requestTimeoutMs, metadataMaxAgeMs: 2000 };
    this.#clients = { admin: new Admin(options, runtime), core: new ClientCore("admin", resolveAdminConfig(options), runtime) };
  }

  /** Some calls at once, some one after the other. */
  async play(): Promise<void> {
    for (let i = 0; i < CALLS; ) {
      const underWay = new Set<string>();
      let longestMs = 0;
      do {
        const timeoutMs = this.#random.pick([0, 50, 1000, 10_000, 60_000]);
        longestMs = Math.max(longestMs, timeoutMs);
        this.#call(`call ${++i}`, timeoutMs, underWay);
      } while (i < CALLS && this.#random.below(2) === 0);
      await this.#clock.runUntil(() => underWay.size === 0, longestMs + 1000);
      if (underWay.size > 0) this.problems.push(`hangs: ${[...underWay].join(", ")}`);
    }
    // With nothing to do, a client looks around now and then.
    await this.#clock.advance(10_000);
  }

  async close(): Promise<void> {
    await Promise.all([this.#clients.admin.close(), this.#clients.core.close()]);
  }

  #call(id: string, timeoutMs: number, underWay: Set<string>): void {
    const [name, run] = drawDeed(this.#random);
    const what = `${id}, ${name} with ${timeoutMs} ms`;
    const abort = this.#random.below(5) === 0 ? new AbortController() : undefined;
    const timer = abort && this.#clock.schedule(this.#random.below(2000), () => abort.abort());
    const startMs = this.#clock.monotonic();
    underWay.add(what);
    const settled = (): void => {
      underWay.delete(what);
      timer?.cancel();
      const tookMs = this.#clock.monotonic() - startMs;
      if (tookMs > timeoutMs + GRACE_MS) this.problems.push(`${what} took ${tookMs} ms`);
    };
    void run(this.#clients, { timeoutMs, ...(abort && { signal: abort.signal }) }).then(
      () => {
        this.answered++;
        settled();
      },
      (error: unknown) => {
        this.failed++;
        settled();
        if (error !== abort?.signal.reason) this.#check(what, error);
      },
    );
  }

  /** A message is for people, whatever brokers wrote into it. */
  #check(name: string, error: unknown): void {
    if (!(error instanceof KafkaError)) {
      this.problems.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      return;
    }
    if (/[^\P{Cc}\n]/u.test(error.message))
      this.problems.push(`${name}: control characters in ${JSON.stringify(error.message).slice(0, 300)}`);
    if (error.message.length > 20_000)
      this.problems.push(`${name}: a message of ${error.message.length} characters: ${error.message.slice(0, 200)}`);
  }
}
