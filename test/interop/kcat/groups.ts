import { createTopic } from "../create-topic.ts";
import type { RunningProgram, Scenario } from "../scenario.ts";
import { Kcat } from "./kcat.ts";

const PARTITIONS = [0, 1, 2, 3];
const RECORDS_EACH = 25;

/** A member of a balanced group, and the last record of each round that tells that it has read the round. */
class Member {
  readonly #program: RunningProgram;

  constructor(kcat: Kcat, groupId: string, topic: string, strategy: string) {
    const settings = [
      `partition.assignment.strategy=${strategy}`,
      "auto.offset.reset=earliest",
      "heartbeat.interval.ms=250",
      "session.timeout.ms=10000",
    ];
    const format = ["-u", "-f", "%p %o %s\\n"];
    this.#program = kcat.start(["-G", groupId, ...settings.flatMap((setting) => ["-X", setting]), ...format, topic]);
  }

  /** Waits for an assignment of so many partitions. A cooperative member is told only those that are new. */
  async assigned(count: number): Promise<readonly number[]> {
    for (;;) {
      const [, list = ""] = await this.#program.waitForErrorLine(/rebalanced.*: (?:assigned|incremental assignment.*\)): (.*)/);
      const partitions = [...list.matchAll(/\[(\d+)\]/g)].map(([, partition]) => Number(partition));
      if (partitions.length === count) return partitions.toSorted((a, b) => a - b);
    }
  }

  async read(count: number): Promise<readonly string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push((await this.#program.waitForLine(/^\d+ \d+ .*/))[0]);
    return lines;
  }

  /** Leaves the group. What it read and nobody has taken yet is returned. */
  async leave(): Promise<readonly string[]> {
    await this.#program.stop("SIGINT");
    const rest: string[] = [];
    for await (const line of this.#program.lines) rest.push(line);
    return rest;
  }
}

export const balancesGroup: Scenario = {
  client: "kcat",
  name: "shares four partitions between two members of a group, one joins and leaves, and each record is read once",
  async run(stage) {
    const kcat = new Kcat(stage);
    const [topic, groupId] = [stage.unique("shared"), stage.unique("group")];
    await createTopic(stage, topic, PARTITIONS.length);
    const produceRound = async (round: string): Promise<void> => {
      const lines = Array.from({ length: RECORDS_EACH }, (_, i) => `${round} ${i}`);
      for (const partition of PARTITIONS) await kcat.produce(topic, lines, ["-p", String(partition)]);
    };
    const first = new Member(kcat, groupId, topic, "range");
    const alone = await first.assigned(4);
    await produceRound("alone");
    const readAlone = await first.read(4 * RECORDS_EACH);

    const second = new Member(kcat, groupId, topic, "range");
    const shared = await Promise.all([first.assigned(2), second.assigned(2)]);
    await produceRound("shared");
    const readShared = await Promise.all([first.read(2 * RECORDS_EACH), second.read(2 * RECORDS_EACH)]);

    const left = await second.leave();
    const again = await first.assigned(4);
    await produceRound("again");
    const readAgain = await first.read(4 * RECORDS_EACH);
    const surplus = [...left, ...(await first.leave())];

    const all = [...readAlone, ...readShared.flat(), ...readAgain, ...surplus];
    return {
      alone,
      shared: shared.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)),
      again,
      readEachOwn: readShared.every((lines, i) => lines.every((line) => shared[i]?.includes(Number(line.split(" ")[0])))),
      isEachReadOnce: new Set(all).size === all.length,
      records: all.length,
      surplus,
    };
  },
};

export const resumesGroup: Scenario = {
  client: "kcat",
  name: "comes back to a group and goes on where it had committed, in a cooperative group, too",
  async run(stage) {
    const kcat = new Kcat(stage);
    const observed: unknown[] = [];
    for (const strategy of ["roundrobin", "cooperative-sticky"]) {
      const [topic, groupId] = [stage.unique(`topic-${strategy}`), stage.unique(`group-${strategy}`)];
      await createTopic(stage, topic, 1);
      const rounds: unknown[] = [];
      for (const round of ["first", "second"]) {
        const member = new Member(kcat, groupId, topic, strategy);
        await member.assigned(1);
        await kcat.produce(topic, [`${round} a`, `${round} b`]);
        const read = await member.read(2);
        rounds.push({ read, surplus: await member.leave() });
      }
      observed.push({ strategy, rounds });
    }
    return observed;
  },
};
