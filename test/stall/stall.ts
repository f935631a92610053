// Two members, one of which stands still; and what must hold then.

import { Admin, Consumer, Producer } from "../../src/index.ts";
import { type MemberLine, STAND_STILL } from "./member-lines.ts";
import { type Read, StartedMember } from "./started-member.ts";

export interface StallSettings {
  readonly bootstrapServers: string;
  readonly groupProtocol: "classic" | "consumer";
  /** With KIP-848 the broker's, which members do not know. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly blockMs: number;
  readonly tell?: (text: string) => void;
}

/** One thing that must hold. */
export interface Finding {
  readonly what: string;
  readonly isSo: boolean;
  readonly seen: unknown;
}

const BEFORE = 10;
const BEHIND = 5;
const AFTER = 10;
const PARTITIONS = [0, 1] as const;
/** A timer, and the machine, may be so late. */
const UNCERTAIN_MS = 1_000;

/** With these a broker has such sessions in KIP-848 groups as well, where 45 s are the shortest by default. */
export function shortSessions(sessionMs: number, heartbeatMs: number): Readonly<Record<string, string>> {
  return {
    "group.consumer.min.session.timeout.ms": String(sessionMs),
    "group.consumer.session.timeout.ms": String(sessionMs),
    "group.consumer.min.heartbeat.interval.ms": String(heartbeatMs),
    "group.consumer.heartbeat.interval.ms": String(heartbeatMs),
  };
}

let topics = 0;

export async function stall(settings: StallSettings): Promise<readonly Finding[]> {
  const topic = `stall-${process.pid}-${++topics}`;
  await using admin = new Admin({ bootstrapServers: settings.bootstrapServers });
  await admin.createTopics([{ name: topic, numPartitions: PARTITIONS.length, replicationFactor: 1 }]);
  const scene = new StallScene(settings, topic);
  try {
    return await scene.play();
  } finally {
    await scene.close();
  }
}

class StallScene {
  readonly #settings: StallSettings;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #producer: Producer;
  readonly #one: StartedMember;
  readonly #two: StartedMember;
  /** How many records each partition has. */
  readonly #counts: number[] = PARTITIONS.map(() => 0);
  #onNews: (() => void) | undefined;

  constructor(settings: StallSettings, topic: string) {
    const { tell: _, ...rest } = settings;
    this.#settings = settings;
    this.#topic = topic;
    this.#groupId = `readers of ${topic}`;
    this.#producer = new Producer({ bootstrapServers: settings.bootstrapServers });
    const start = (clientId: string): StartedMember =>
      new StartedMember({ ...rest, topic, groupId: this.#groupId, clientId }, () => this.#onNews?.());
    this.#one = start("one");
    this.#two = start("two");
  }

  async play(): Promise<readonly Finding[]> {
    const [one, two] = [this.#one, this.#two];
    const { blockMs, sessionTimeoutMs } = this.#settings;
    const isLost = blockMs > sessionTimeoutMs;
    for (const partition of PARTITIONS) await this.#write(partition, BEFORE);
    await this.#until(() => one.partitions.length === 1 && two.partitions.length === 1);
    const [stalled = 0] = one.partitions;
    this.#tell(`one reads partition ${stalled}, two reads the other one`);
    await this.#untilCommitted(BEFORE);

    // In one batch: when the handler gets the first of them, the others lie in its member's buffer.
    await this.#write(stalled, 1 + BEHIND, STAND_STILL);
    await this.#until(() => hasSaid(one, "standing still"));
    this.#tell(`one stands still for ${blockMs} ms; its session takes ${sessionTimeoutMs} ms`);
    if (isLost) {
      await this.#until(() => offsetsIn(two.reads, stalled).size >= 1 + BEHIND);
      this.#tell("two has its partition, and has read what lay behind that record");
    }
    await this.#until(() => hasSaid(one, "awake"));
    this.#tell("one is awake");
    await this.#until(
      () => one.partitions.length === 1 && two.partitions.length === 1 && (!isLost || afterWaking(one, "assigned").length > 0),
    );
    const wokenAt = one.lines.findIndex(({ event }) => event === "awake");
    for (const partition of PARTITIONS) await this.#write(partition, AFTER);
    await this.#until(() => PARTITIONS.every((partition) => offsetsIn(this.#reads, partition).size >= this.#written(partition)));
    await this.#until(() => offsetsIn(readsFrom(one, wokenAt), one.partitions[0] ?? -1).size >= AFTER);
    this.#tell("both read on");
    return [...this.#reported(isLost, stalled), ...this.#delivered(isLost, stalled)];
  }

  async close(): Promise<void> {
    await Promise.all([this.#one.close(), this.#two.close(), this.#producer.close()]);
  }

  /** That it has said what happened, and for how long. */
  #reported(isLost: boolean, stalled: number): readonly Finding[] {
    const { blockMs, heartbeatIntervalMs } = this.#settings;
    const code = isLost ? "MEMBERSHIP_LOST" : "EVENT_LOOP_STALLED";
    const warnings = this.#one.lines.filter((line) => line.event === "warning");
    const said = warnings.find((line) => line.code === code)?.text ?? "";
    const stoodStillMs = Number(/event loop stood still for (\d+) ms/.exec(said)?.[1]);
    const findings = [
      {
        what: `the member says so, by ${code}, once`,
        isSo: warnings.filter((line) => line.code === code).length === 1,
        seen: warnings,
      },
      {
        what: "and for how long",
        // Nobody knows when between two heartbeats it began.
        isSo: stoodStillMs > blockMs - heartbeatIntervalMs - UNCERTAIN_MS && stoodStillMs < blockMs + UNCERTAIN_MS,
        seen: said,
      },
    ];
    if (!isLost)
      return [
        ...findings,
        { what: "it keeps its partition", isSo: afterWaking(this.#one, "lost").length === 0, seen: this.#one.lines },
      ];
    const lost = afterWaking(this.#one, "lost");
    const rebalances = this.#one.lines.filter((line) => line.event === "rebalanced");
    return [
      ...findings,
      { what: "its listener is told what is lost", isSo: lost.length === 1 && lost[0]?.partitions[0] === stalled, seen: lost },
      {
        what: "the rebalance's cause says it, too",
        isSo: rebalances.some(({ cause, lost: gone }) => cause.includes("stood still") && gone.includes(stalled)),
        seen: rebalances,
      },
    ];
  }

  /** That nothing is stale, lost or doubled. */
  #delivered(isLost: boolean, stalled: number): readonly Finding[] {
    const [one, two] = [this.#one, this.#two];
    const awakeAt = one.lines.findIndex(({ event }) => event === "awake");
    const backAt = one.lines.findIndex(({ event }, index) => event === "assigned" && index > awakeAt);
    const between = isLost ? one.lines.slice(awakeAt, backAt).filter(({ event }) => event === "read") : [];
    const all = [...one.reads, ...two.reads];
    const twice = all.map(placeOf).filter((place, index, places) => places.indexOf(place) < index);
    const inHand = isLost ? [placeOf({ partition: stalled, offset: BEFORE })] : [];
    const whole = PARTITIONS.every((partition) => offsetsIn(all, partition).size === this.#written(partition));
    return [
      {
        what: "nothing stale is handed out between waking up and being assigned something",
        isSo: between.length === 0,
        seen: between,
      },
      { what: "nothing is read twice, but the record that was in hand", isSo: String(twice) === String(inHand), seen: twice },
      { what: "nothing is skipped", isSo: whole, seen: all.length },
    ];
  }

  get #reads(): readonly Read[] {
    return [...this.#one.reads, ...this.#two.reads];
  }

  #written(partition: number): number {
    return this.#counts[partition] ?? 0;
  }

  async #write(partition: number, count: number, first = "a value"): Promise<void> {
    const records = Array.from({ length: count }, (_, index) => ({ value: index === 0 ? first : "a value", partition }));
    await this.#producer.sendBatch(this.#topic, records);
    this.#counts[partition] = this.#written(partition) + count;
  }

  /** Everything that was read before: then it is known what is not. */
  async #untilCommitted(offset: number): Promise<void> {
    const { bootstrapServers } = this.#settings;
    await using consumer = new Consumer({ bootstrapServers, groupId: this.#groupId, enableAutoCommit: false });
    const places = PARTITIONS.map((partition) => ({ topic: this.#topic, partition }));
    let committed: readonly (number | undefined)[] = [];
    while (committed.length === 0 || committed.some((one) => one !== offset)) {
      committed = (await consumer.committed(places)).map((one) => one?.offset);
    }
  }

  /** @throws if a member ends first */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const ended = this.#one.end ?? this.#two.end;
      if (ended !== undefined) throw new Error(ended);
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
  }

  #tell(text: string): void {
    this.#settings.tell?.(text);
  }
}

function hasSaid({ lines }: StartedMember, event: MemberLine["event"]): boolean {
  return lines.some((line) => line.event === event);
}

/** What it was told of since it is awake. */
function afterWaking({ lines }: StartedMember, event: "assigned" | "lost"): readonly { readonly partitions: readonly number[] }[] {
  const awakeAt = lines.findIndex((line) => line.event === "awake");
  return lines
    .slice(awakeAt)
    .flatMap((line) => ((line.event === "assigned" || line.event === "lost") && line.event === event ? [line] : []));
}

function readsFrom({ lines }: StartedMember, index: number): readonly Read[] {
  return lines.slice(index).filter((line) => line.event === "read");
}

function offsetsIn(reads: readonly Read[], partition: number): ReadonlySet<number> {
  return new Set(reads.filter((read) => read.partition === partition).map(({ offset }) => offset));
}

function placeOf({ partition, offset }: Read): string {
  return `${partition}@${offset}`;
}
