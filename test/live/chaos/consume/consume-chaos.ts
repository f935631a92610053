// Groups of all kinds read what is written without end to three real nodes, one of which always has something the matter with it, while
// members are killed, stopped, closed and started. Afterwards what each member was handed, and each commit as it lies in Kafka's own log,
// are held against what was written.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Dice } from "../../../simulation/world/dice.ts";
import type { KafkaCluster } from "../../../support/kafka/kafka-cluster.ts";
import { BLOWS } from "../blows.ts";
import { createTopics, untilAllInSync } from "../cluster-topics.ts";
import { Dealer, type DealtBlow, type PlannedBlow } from "../dealer.ts";
import { firstFailureOf } from "../first-failure.ts";
import { CONTROLLER, leaderOf, NO_CONTROLLER } from "../targets.ts";
import type { Act } from "./acts.ts";
import { CONTROL, GROUPS, type GroupRole, TOPICS } from "./cast.ts";
import { CommitWatch } from "./commit-watch.ts";
import { Crew } from "./crew.ts";
import { Evidence } from "./evidence.ts";
import { checkGroup, type GroupVerdict } from "./group-checker.ts";
import type { GroupHistory } from "./history.ts";
import { type ReadJournal, readJournal } from "./journal.ts";
import { NumberWriter } from "./number-writer.ts";
import { OFFSETS_TOPIC, readStoredCommits } from "./stored-commits.ts";

export interface ConsumeChaosOptions {
  readonly seed: number;
  readonly blows: Iterable<PlannedBlow>;
  readonly drawActs: (dice: Dice) => Iterable<Act>;
  /** Processes, with a member of each group; three unless said otherwise. */
  readonly hosts?: number;
  /** No more blows are dealt after this. */
  readonly forMs: number;
  readonly ratePerSecond: number;
  /** Told of what is going on. */
  readonly onEvent?: (what: string) => void;
  /** Whether there are besides two groups whose members make mistakes, which must be found. */
  readonly prove?: boolean;
}

export interface ConsumeChaosResult {
  readonly records: number;
  readonly blows: readonly DealtBlow[];
  /** How often members were struck, by name. */
  readonly acts: ReadonlyMap<string, number>;
  readonly verdicts: readonly GroupVerdict[];
  /** Of the groups that are wrong on purpose; none unless it was asked for. */
  readonly controls: readonly GroupVerdict[];
  /** How often members noted something, by group and what it was. */
  readonly notes: ReadonlyMap<string, number>;
  /** What is wrong with all of it, and with no group alone. */
  readonly violations: readonly string[];
  /** The folder in which everything is that was written down, if something is wrong. */
  readonly kept: string | undefined;
}

/** A KIP-848 group waits for who was killed for 45 s. */
const STUCK_MS = 120_000;
const LOOK_MS = 250;

/** What befalls leaders, of logs and of groups, in an order that the seed decides, for ever. */
export function* consumeBlows(seed: number): Generator<PlannedBlow> {
  const dice = new Dice(seed);
  const targets = [leaderOf(Object.keys(TOPICS)), leaderOf([OFFSETS_TOPIC]), leaderOf([OFFSETS_TOPIC]), CONTROLLER, NO_CONTROLLER];
  const { kill, freeze, cut, reset, blackHole, deaf, refuse, terminate, slow } = BLOWS;
  for (;;)
    for (const blow of dice.some(
      [kill, freeze, dice.pick([cut, reset, refuse]), dice.pick([blackHole, deaf]), dice.pick([terminate, slow, kill])],
      5,
    ))
      yield { blow, at: dice.pick(targets), forMs: dice.between(2000, 5000) };
}

export async function runConsumeChaos(cluster: KafkaCluster, options: ConsumeChaosOptions): Promise<ConsumeChaosResult> {
  const evidence = new Evidence();
  const onEvent = (what: string): void => {
    evidence.event(what);
    options.onEvent?.(what);
  };
  const run = new ConsumeRun(cluster, { ...options, onEvent }, evidence);
  try {
    await createTopics(cluster, run.topics);
    await run.play();
    return await run.judge();
  } catch (error) {
    onEvent(`it came to an end too early; journals are in ${evidence.keep()}`);
    throw error;
  } finally {
    await run.close();
    evidence.remove();
  }
}

class ConsumeRun {
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
  readonly #cluster: KafkaCluster;
  readonly #options: ConsumeChaosOptions;
  readonly #dealer: Dealer;
  readonly #writer: NumberWriter;
  readonly #crew: Crew;
  readonly #watches: readonly CommitWatch[];
  readonly #violations: string[] = [];
  readonly #evidence: Evidence;
  #isOver = false;

  constructor(cluster: KafkaCluster, options: ConsumeChaosOptions, evidence: Evidence) {
    this.#cluster = cluster;
    this.#options = options;
    this.#evidence = evidence;
    const { seed, drawActs, hosts, onEvent, ratePerSecond, prove = false } = options;
    const { bootstrapServers } = cluster;
    const dice = new Dice(seed);
    const roles = prove ? [...GROUPS, ...CONTROL] : GROUPS;
    this.topics = Object.entries(TOPICS).map(([name, partitions]) => ({ name, partitions }));
    this.#dealer = new Dealer(cluster, dice.fork());
    this.#writer = new NumberWriter({ bootstrapServers, topics: TOPICS, ratePerSecond });
    this.#crew = new Crew({ bootstrapServers, roles, hosts, folder: evidence.folder, dice: dice.fork(), drawActs, onEvent });
    this.#watches = roles.map(({ name }) => new CommitWatch(bootstrapServers, name, this.#partitions()));
  }

  async play(): Promise<void> {
    const { blows, forMs, onEvent } = this.#options;
    const watching = Promise.all(this.#watches.map((watch) => watch.run()));
    const writing = this.#writer.run(() => this.#isOver);
    await this.#crew.start();
    await this.#untilProgress();
    onEvent?.("all groups have begun");
    const acting = this.#crew.act(() => this.#isOver);
    const failed = firstFailureOf([watching, writing, acting]);
    const recovered = (): Promise<void> => untilAllInSync(this.#cluster, [...this.topics, OFFSETS]);
    await Promise.race([this.#dealer.deal({ blows, forMs, onEvent, recovered }), failed]);
    this.#isOver = true;
    await Promise.race([writing, failed]);
    await Promise.race([acting, failed]);
    onEvent?.("all records are written");
    await Promise.race([this.#untilRead(), failed]);
    onEvent?.("everything is committed");
    await this.#crew.close();
    await Promise.all(this.#watches.map((watch) => watch.close()));
    await watching;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#crew.kill();
    await this.#writer.close();
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  async judge(): Promise<ConsumeChaosResult> {
    const stored = await readStoredCommits(this.#cluster);
    // A process that was killed before it had begun has written nothing.
    const paths = this.#crew.journals.filter((path) => existsSync(path));
    const journals = paths.map((path) => readJournal(readFileSync(path, "utf8")));
    const lives = journals.flatMap((journal) => journal.lives);
    const written = this.#writer.written();
    const historyOf = ({ name }: GroupRole): GroupHistory => ({
      group: name,
      written,
      lives: lives.filter(({ group }) => group === name),
      commits: stored.get(name) ?? new Map(),
      observed: this.#watches.find(({ group }) => group === name)?.observed ?? [],
    });
    const histories = GROUPS.map(historyOf);
    const verdicts = histories.map(checkGroup);
    const violations = [...this.#writer.violations, ...this.#crew.violations, ...this.#violations];
    const isWrong = violations.length > 0 || verdicts.some(({ anomalies }) => anomalies.total > 0);
    return {
      records: sumOf(written.values()),
      blows: this.#dealer.dealt,
      acts: this.#crew.counts,
      verdicts,
      controls: this.#options.prove === true ? CONTROL.map((role) => checkGroup(historyOf(role))) : [],
      notes: countsOf(journals),
      violations,
      kept: isWrong ? this.#evidence.keep(histories) : undefined,
    };
  }

  /** Every group has committed something: its coordinator is there, and its topic, which is not to be struck while it is made. */
  async #untilProgress(): Promise<void> {
    await this.#until("the groups have begun", () => this.#watches.every(({ total }) => total > 0));
    await untilAllInSync(this.#cluster, [...this.topics, OFFSETS]);
  }

  /** Whoever is wrong on purpose may never come to an end. */
  async #untilRead(): Promise<void> {
    const right = this.#watches.filter(({ group }) => GROUPS.some(({ name }) => name === group));
    const written = sumOf(this.#writer.written().values());
    await this.#until("everything is read and committed", () => right.every(({ total }) => total === written));
  }

  /** The cluster is well: whoever gets no further in that time never will. */
  async #until(what: string, isSo: () => boolean): Promise<void> {
    let progress = "";
    let sinceMs = performance.now();
    while (!isSo()) {
      await pause(LOOK_MS);
      const now = this.#watches.map(({ group, total }) => `${group} ${total}`).join(", ");
      if (now !== progress) sinceMs = performance.now();
      progress = now;
      if (performance.now() - sinceMs < STUCK_MS) continue;
      this.#violations.push(`stuck: waiting until ${what}: nothing was committed for ${STUCK_MS} ms: ${progress}`);
      return;
    }
  }

  #partitions(): { topic: string; partition: number }[] {
    return this.topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    );
  }
}

/** As many partitions as nodes. */
const OFFSETS = { name: OFFSETS_TOPIC, partitions: 3 };

function countsOf(journals: readonly ReadJournal[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const groupOf = new Map(journals.flatMap(({ lives }) => lives.map(({ member, group }) => [member, group])));
  for (const { member, what } of journals.flatMap(({ notes }) => notes)) {
    const key = `${groupOf.get(member)}: ${what}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
