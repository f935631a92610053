/** One run: what is written comes through all levels, while members and brokers come to grief. */
import { Admin, Consumer, type ConsumerRecord, Producer, strings, type TopicPartition } from "../../src/index.ts";
import { Dice } from "../simulation/world/dice.ts";
import { EtlChecker, type EtlFinding } from "./etl-checker.ts";
import { ACTS, EtlCrew } from "./etl-crew.ts";
import type { EtlGround } from "./etl-ground.ts";
import { type EtlPlant, type EtlProtocol, type EtlTopic, levelsOf, type MemberReport, topicsOf } from "./etl-plan.ts";
import { type EtlRecords, firstValue, keyOf, type Text } from "./etl-records.ts";

export interface EtlOptions {
  readonly seed: number;
  readonly records: EtlRecords;
  /** Of each level. */
  readonly protocols: readonly EtlProtocol[];
  /** How many things happen to members. */
  readonly acts: number;
  /** How many blows the cluster takes. */
  readonly blows: number;
  readonly plant?: EtlPlant | undefined;
  readonly onEvent?: ((what: string) => void) | undefined;
}

export interface EtlResult {
  readonly findings: readonly EtlFinding[];
  /** What should not have been, of whoever took part. */
  readonly failures: readonly string[];
  readonly arrived: number;
  readonly members: number;
  readonly reports: readonly MemberReport[];
  readonly acts: number;
  readonly blows: number;
  readonly tookMs: number;
}

const LOOK_MS = 20;
const READ_MS = 200;
const MOST_POLLED = 5000;
/** What is on its way at a time: somebody is always in the middle of something. */
const AHEAD = 0.05;
const LEAST_AHEAD = 2000;
const LINGER_MS = 5;
const LOOKS_EVERY = 500;
/** What happens, happens to this part of the way. */
const FROM = 0.02;
const TO = 0.85;

export async function runEtl(ground: EtlGround, options: EtlOptions): Promise<EtlResult> {
  const run = new EtlRun(ground, options);
  return run.result();
}

class EtlRun {
  readonly #ground: EtlGround;
  readonly #options: EtlOptions;
  readonly #topics: readonly EtlTopic[];
  readonly #checker: EtlChecker;
  readonly #dice: Dice;
  readonly #failures: string[] = [];
  readonly #startedMs: number;
  readonly #reader: Consumer<Text, Text>;
  #acts = 0;
  #blows = 0;
  /** At which part of the way. */
  #nextAct = 0;
  #nextBlow = 0;
  #isReading = true;
  #progressMs: number;
  /** Whoever waits does so no longer. */
  #isHopeless = false;

  constructor(ground: EtlGround, options: EtlOptions) {
    const { bootstrapServers, runtime } = ground;
    const { protocols, records, seed, plant } = options;
    this.#ground = ground;
    this.#options = options;
    this.#topics = topicsOf(protocols.length);
    this.#checker = new EtlChecker(records, protocols.length);
    this.#dice = new Dice(seed);
    this.#startedMs = this.#now();
    this.#progressMs = this.#startedMs;
    const isolationLevel = plant === "uncommitted" ? "read_uncommitted" : "read_committed";
    const deserializers = { keyDeserializer: strings, valueDeserializer: strings };
    this.#reader = new Consumer<Text, Text>({ bootstrapServers, clientId: "reader", isolationLevel, ...deserializers }, runtime);
  }

  async result(): Promise<EtlResult> {
    const { protocols, plant } = this.#options;
    await this.#createTopics();
    const crew = new EtlCrew(this.#ground, levelsOf(protocols), this.#dice.fork(), plant);
    const reading = this.#read();
    await Promise.all([this.#write(), this.#befall(crew), this.#strike()]);
    await this.#until(() => this.#hasArrived(1));
    await crew.end();
    await this.#readToTheEnd();
    this.#isReading = false;
    await reading;
    await this.#reader.close();
    for (const { failure } of crew.reports) if (failure !== undefined) this.#failures.push(failure);
    return {
      findings: this.#checker.verdict(),
      failures: this.#failures,
      arrived: this.#checker.arrived,
      members: crew.begun,
      reports: crew.reports,
      acts: this.#acts,
      blows: this.#blows,
      tookMs: this.#now() - this.#startedMs,
    };
  }

  async #createTopics(): Promise<void> {
    const { bootstrapServers, runtime, replicationFactor } = this.#ground;
    await using admin = new Admin({ bootstrapServers, clientId: "admin" }, runtime);
    const wanted = this.#topics.map(({ name, partitions }) => ({ name, numPartitions: partitions, replicationFactor }));
    for (const { error } of await admin.createTopics(wanted)) if (error !== undefined) throw error;
  }

  async #write(): Promise<void> {
    const { bootstrapServers, runtime } = this.#ground;
    const { records } = this.#options;
    const { name: topic } = this.#topics[0] ?? { name: "" };
    const ahead = Math.max(LEAST_AHEAD, records.count * AHEAD);
    // Nor far beyond where something is to happen: it happens on the way, and not when all have come.
    const mayWrite = (number: number): boolean =>
      number - this.#checker.arrived < ahead && number < records.count * Math.min(this.#nextAct, this.#nextBlow) + ahead;
    const options = { bootstrapServers, clientId: "writer", lingerMs: LINGER_MS, keySerializer: strings, valueSerializer: strings };
    await using producer = new Producer<Text, Text>(options, runtime);
    for (let number = 0; number < records.count && !this.#isHopeless; number++) {
      if (number % LOOKS_EVERY === 0) await this.#until(() => mayWrite(number));
      const record = { key: keyOf(number, records), value: firstValue(number) };
      while (!producer.produce(topic, record, (error) => void (error !== null && this.#failures.push(`writer: ${error.message}`))))
        await producer.ready();
    }
    await producer.flush();
  }

  async #read(): Promise<void> {
    const { name: topic, partitions } = this.#topics.at(-1) ?? { name: "", partitions: 0 };
    const places = Array.from({ length: partitions }, (_, partition): TopicPartition => ({ topic, partition }));
    this.#reader.assign(places);
    this.#reader.seekToBeginning(...places);
    while (this.#isReading) {
      try {
        const records = await this.#reader.poll({ timeoutMs: READ_MS, maxRecords: MOST_POLLED });
        for (const record of records) this.#saw(record);
        if (!records.isEmpty) this.#progressMs = this.#now();
      } catch (error) {
        this.#failures.push(`reader: ${String(error)}`);
        await this.#pause(READ_MS);
      }
    }
  }

  #saw({ partition, offset, key, value }: ConsumerRecord<Text, Text>): void {
    this.#checker.saw({ partition, offset, key, value });
  }

  /** Until nothing is open any more, and nothing left to be read. */
  async #readToTheEnd(): Promise<void> {
    const { bootstrapServers, runtime } = this.#ground;
    await using admin = new Admin({ bootstrapServers, clientId: "admin" }, runtime);
    const places = this.#reader.assignment();
    const ends = await admin.listOffsets(places.map((place) => ({ ...place, at: "latest" as const })));
    this.#progressMs = this.#now();
    for (const { topic, partition, offset } of ends) {
      await this.#until(async () => (await this.#reader.position({ topic, partition })) >= (offset ?? 0));
    }
  }

  /** One thing after the other befalls members, spread over the way; sooner if all wait for somebody who is gone. */
  async #befall(crew: EtlCrew): Promise<void> {
    const dice = this.#dice.fork();
    let acts = dice.some(ACTS, ACTS.length);
    for (const at of this.#moments(this.#options.acts, dice)) {
      this.#nextAct = at;
      await this.#untilOrImpatient(() => this.#hasArrived(at));
      if (this.#isHopeless) return;
      const [act = "join", ...rest] = acts;
      acts = rest.length === 0 ? dice.some(ACTS, ACTS.length) : rest;
      const what = await crew.act(act);
      this.#acts++;
      this.#tell(what);
    }
    this.#nextAct = 1;
  }

  async #strike(): Promise<void> {
    const dice = this.#dice.fork();
    for (const at of this.#moments(this.#options.blows, dice)) {
      this.#nextBlow = at;
      await this.#untilOrImpatient(() => this.#hasArrived(at));
      if (this.#isHopeless) return;
      this.#tell(`${await this.#ground.strike(this.#topics, dice)}, and all is well again`);
      this.#blows++;
    }
    this.#nextBlow = 1;
  }

  /** In parts of the way, one after the other. */
  #moments(count: number, dice: Dice): readonly number[] {
    const width = (TO - FROM) / count;
    return Array.from({ length: count }, (_, index) => FROM + width * (index + dice.integer(1000) / 1000));
  }

  #hasArrived(part: number): boolean {
    return this.#checker.arrived >= this.#options.records.count * part;
  }

  async #untilOrImpatient(isReached: () => boolean): Promise<void> {
    const sinceMs = this.#now();
    await this.#until(() => isReached() || this.#now() - Math.max(this.#progressMs, sinceMs) > this.#ground.patienceMs);
  }

  /** Or until there is no hope. */
  async #until(isReached: () => boolean | Promise<boolean>): Promise<void> {
    while (!this.#isHopeless && !(await isReached())) {
      if (this.#now() - this.#progressMs > this.#ground.hopelessMs) this.#giveUp();
      else await this.#pause(LOOK_MS);
    }
  }

  #giveUp(): void {
    this.#isHopeless = true;
    this.#failures.push(`nothing came for ${this.#ground.hopelessMs} ms, after ${this.#checker.arrived} records`);
  }

  #tell(what: string): void {
    const { onEvent } = this.#options;
    const seconds = ((this.#now() - this.#startedMs) / 1000).toFixed(1);
    onEvent?.(`${seconds} s, ${this.#checker.arrived} records: ${what}`);
  }

  #now(): number {
    return this.#ground.runtime.clock.monotonic();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#ground.runtime.clock.schedule(ms, resolve));
  }
}
