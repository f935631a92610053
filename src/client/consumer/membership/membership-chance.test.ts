import { describe, expect, it } from "vitest";
import { type GroupReader, type GroupReaders, groupReaders, type ReaderOptions } from "../../../../test/support/group-readers.ts";
import { seededRandom } from "../../../broker/random.ts";

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const STEPS = 14;
const RECORDS = 3;
const SESSION_MS = 10_000;

const WAYS: readonly (readonly [way: string, options: ReaderOptions])[] = [
  ["range", { sessionTimeoutMs: SESSION_MS }],
  ["cooperative-sticky", { partitionAssignmentStrategy: "cooperative-sticky", sessionTimeoutMs: SESSION_MS }],
  ["the coordinator (KIP-848)", { groupProtocol: "consumer" }],
];

/** A group whose members come and go as chance has it, while records are written. */
class Life {
  readonly group: GroupReaders;
  readonly #options: ReaderOptions;
  readonly #chance: ReturnType<typeof seededRandom>;
  readonly #alive: GroupReader[] = [];
  #written = 0;
  #names = 0;

  constructor(group: GroupReaders, options: ReaderOptions, seed: number) {
    this.group = group;
    this.#options = options;
    this.#chance = seededRandom(seed);
  }

  /** `isKind`: nobody dies, stands still or is forgotten, so that nothing need be read twice. */
  async step(isKind: boolean): Promise<void> {
    await this.group.write(RECORDS, this.#written);
    this.#written += RECORDS;
    const what = Math.floor(this.#chance.next() * (isKind ? 4 : 7));
    const one = this.#alive[Math.floor(this.#chance.next() * this.#alive.length)];
    if (one === undefined || (what <= 1 && this.#alive.length < 4)) this.#open();
    else if (what === 2) await this.#close(one);
    else if (what === 3) await this.#subscribeAnew(one);
    else if (what === 4) one.block(SESSION_MS + 40_000);
    else if (what === 5) {
      const { faults } = this.group.stage.broker;
      for (const api of ["Heartbeat", "ConsumerGroupHeartbeat"] as const) {
        faults.failNext({ api, error: "UNKNOWN_MEMBER_ID", clientId: one.name, times: 1 });
      }
    } else if (what === 6) this.group.stage.broker.disconnectAll();
    await this.group.settle(Math.floor(this.#chance.next() * 4_000));
  }

  /** Somebody is there, and reads on until nothing is left. */
  async end(): Promise<void> {
    this.group.stage.broker.faults.clear();
    this.#open();
    await this.group.settle(120_000);
    await this.group.stop();
  }

  get everything(): readonly string[] {
    const places = [0, 1, 2, 3].flatMap((partition) =>
      Array.from({ length: this.#written }, (_, at) => `${partition}/${at} v${at}`),
    );
    return places.sort();
  }

  #open(): void {
    this.#alive.push(this.group.reader(`member${this.#names++}`, this.#options));
  }

  async #close(one: GroupReader): Promise<void> {
    this.#alive.splice(this.#alive.indexOf(one), 1);
    await this.group.stage.when(one.stop());
    await this.group.stage.when(one.consumer.close());
  }

  async #subscribeAnew(one: GroupReader): Promise<void> {
    await this.group.stage.when(one.stop());
    one.resubscribe();
    one.start();
  }
}

describe.each(WAYS)("members that share by %s, whoever comes and goes when", (_way, options) => {
  it.each(SEEDS)("read every record once, and in order (seed %i)", async (seed) => {
    const life = new Life(await groupReaders(), options, seed);
    for (let step = 0; step < STEPS; step++) await life.step(true);
    await life.end();
    expect(life.group.read).toEqual(life.everything);
  });

  it.each(SEEDS)("read every record at least once when some stand still, or are forgotten (seed %i)", async (seed) => {
    const life = new Life(await groupReaders(), options, seed);
    for (let step = 0; step < STEPS; step++) await life.step(false);
    await life.end();
    expect([...new Set(life.group.read)]).toEqual(life.everything);
    const errors = life.group.readers.flatMap((one) => one.errors);
    expect(errors).toEqual([]);
  });
});
