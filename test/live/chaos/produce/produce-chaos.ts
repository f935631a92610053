// Producers of all kinds send without end to three real nodes, one of which always has something the matter with it. Afterwards the logs
// are read by Apache Kafka's own consumer and held against what the producers were told.

import { setTimeout as pause } from "node:timers/promises";
import { Producer, type ProducerOptions } from "../../../../src/index.ts";
import { Dice } from "../../../simulation/world/dice.ts";
import type { KafkaCluster } from "../../../support/kafka/kafka-cluster.ts";
import { type FollowingReader, followLogs, type LogPartition, readLogs } from "../../../support/log-reader/log-reader.ts";
import { decodeValue } from "../../../support/records-checker/record-value.ts";
import { type Isolation, RecordsChecker, type Verdict } from "../../../support/records-checker/records-checker.ts";
import { type LedgerTopic, RecordsLedger } from "../../../support/records-checker/records-ledger.ts";
import { BLOWS } from "../blows.ts";
import { createTopics, untilAllInSync } from "../cluster-topics.ts";
import { Dealer, type DealtBlow, type PlannedBlow } from "../dealer.ts";
import { firstFailureOf } from "../first-failure.ts";
import { CONTROLLER, leaderOf, NO_CONTROLLER } from "../targets.ts";
import { type StreamRole, streamRoles, transactionalOptions } from "./cast.ts";
import type { ChaosProducer } from "./chaos-producer.ts";
import { committedOffset } from "./committed-offset.ts";
import { Copier } from "./copier.ts";
import { Deliveries } from "./deliveries.ts";
import { RecordStream } from "./record-stream.ts";
import { type Proof, type ReadRecord, Tampering } from "./tampering.ts";
import { writeLast, writeTransactions } from "./transaction-writer.ts";
import { TransactionalProducer } from "./transactional-producer.ts";

export interface ProduceChaosOptions {
  readonly seed: number;
  readonly blows: Iterable<PlannedBlow>;
  /** No more blows are dealt after this. */
  readonly forMs: number;
  /** How many records streams send at least, and in which time: they keep the pace that this makes until the last blow is over. */
  readonly records: number;
  readonly sendingMs: number;
  /** Told of what is going on. */
  readonly onEvent?: (what: string) => void;
  /** Another's producer in the place of ours: as a control. */
  readonly makeProducer?: (options: ProducerOptions) => ChaosProducer;
  /** Whether to prove besides that the checker finds what is planted. */
  readonly prove?: boolean;
}

export interface ProduceChaosResult {
  readonly seed: number;
  readonly ledger: RecordsLedger;
  readonly deliveries: Deliveries;
  readonly blows: readonly DealtBlow[];
  readonly streams: readonly RecordStream[];
  readonly transactional: readonly TransactionalProducer[];
  /** While records were sent. */
  readonly sentForMs: number;
  readonly verdict: Verdict;
  /** None unless it was asked for. */
  readonly proofs: readonly Proof[];
}

const WRITERS = 2;
const STUCK_MS = 60_000;
const LOOK_MS = 250;
const NOTHING = new Uint8Array();

/** What befalls the leader of most partitions, in an order that the seed decides, for ever; now and then the controller or any other. */
export function* produceBlows(seed: number, topics: readonly string[]): Generator<PlannedBlow> {
  const dice = new Dice(seed);
  const targets = [leaderOf(topics), leaderOf(topics), CONTROLLER, NO_CONTROLLER];
  const { kill, freeze, cut, reset, blackHole, deaf, refuse, terminate, slow } = BLOWS;
  // Each round: killed, stopped and cut for certain, and something else.
  for (;;)
    for (const blow of dice.some(
      [kill, freeze, dice.pick([cut, reset, refuse]), dice.pick([blackHole, deaf]), dice.pick([terminate, slow, kill])],
      5,
    ))
      yield { blow, at: dice.pick(targets), forMs: dice.between(2000, 5000) };
}

/** The topics of a run; `inputs` are copied to `copies`. */
export const TOPICS = { orders: 4, payments: 3, audit: 2, inputs: 2, copies: 2 } as const;

export async function runProduceChaos(cluster: KafkaCluster, options: ProduceChaosOptions): Promise<ProduceChaosResult> {
  const run = new ProduceRun(cluster, options);
  await createTopics(cluster, run.topics);
  try {
    await run.play();
  } finally {
    await run.close();
  }
  return run.judge();
}

class ProduceRun {
  readonly topics: readonly LedgerTopic[];
  readonly #cluster: KafkaCluster;
  readonly #options: ProduceChaosOptions;
  readonly #dice: Dice;
  readonly #ledger: RecordsLedger;
  readonly #deliveries: Deliveries;
  readonly #dealer: Dealer;
  readonly #byName: Readonly<Record<keyof typeof TOPICS, LedgerTopic>>;
  readonly #streams: readonly RecordStream[];
  readonly #writers: readonly TransactionalProducer[];
  readonly #copiers: readonly Copier[];
  #reader: FollowingReader | undefined;
  #isOver = false;
  #isCancelled = false;
  /** The last inputs, by partition. */
  #lastInputs: readonly number[] = [];
  #sentForMs = 0;

  constructor(cluster: KafkaCluster, options: ProduceChaosOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#dice = new Dice(options.seed);
    this.#ledger = new RecordsLedger(options.seed);
    const topic = (name: keyof typeof TOPICS): LedgerTopic => this.#ledger.addTopic(name, TOPICS[name]);
    this.#byName = {
      orders: topic("orders"),
      payments: topic("payments"),
      audit: topic("audit"),
      inputs: topic("inputs"),
      copies: topic("copies"),
    };
    this.topics = this.#ledger.topics;
    this.#deliveries = new Deliveries(this.#ledger);
    this.#dealer = new Dealer(cluster, this.#dice.fork());
    this.#streams = streamRoles(this.#dice.fork()).map((role) => this.#stream(role));
    this.#writers = Array.from({ length: WRITERS }, (_, index) => this.#transactional(`writer-${index}`));
    this.#copiers = Array.from({ length: TOPICS.inputs }, (_, partition) => this.#copier(partition));
  }

  async play(): Promise<void> {
    const reader = await this.#follow();
    // The first of them have the coordinators make their own topics; that is not to be struck.
    await Promise.all(this.#allTransactional().map((producer) => producer.ready()));
    this.#options.onEvent?.("all producers are ready");
    const startedMs = performance.now();
    const streams = Promise.all(this.#streams.map((stream) => stream.run(() => this.#isOver)));
    const writers = Promise.all(this.#writers.map((writer, index) => this.#write(writer, index)));
    const copiers = Promise.all(this.#copiers.map((copier, index) => this.#copy(copier, index)));
    const failed = firstFailureOf([streams, writers, copiers, reader.ended]);
    const { blows, forMs, onEvent } = this.#options;
    const recovered = (): Promise<void> => untilAllInSync(this.#cluster, this.topics);
    await Promise.race([this.#dealer.deal({ blows, forMs, onEvent, recovered }), failed]);
    this.#isOver = true;
    await Promise.race([this.#settled("streams", streams), failed]);
    this.#sentForMs = performance.now() - startedMs;
    onEvent?.("all records are sent");
    await Promise.race([this.#settled("flushes", this.#flush()), failed]);
    await Promise.race([this.#settled("writers", writers), failed]);
    await Promise.race([
      this.#settled(
        "copiers",
        this.#writeLast().then(() => copiers),
      ),
      failed,
    ]);
    await this.#checkOffsets();
    onEvent?.("all is settled");
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#isCancelled = true;
    await Promise.all(this.#streams.map(({ init }) => init.producer.close({ timeoutMs: 0 })));
    await Promise.all(this.#allTransactional().map((producer) => producer.close()));
    await this.#reader?.stop();
  }

  async judge(): Promise<ProduceChaosResult> {
    const copied = [this.#byName.inputs];
    const checker = new RecordsChecker(this.#ledger, { copied });
    const tampering = this.#options.prove ? new Tampering(this.#ledger, copied) : undefined;
    for (const isolation of ["uncommitted", "committed"] as const) {
      await this.#read(isolation, (record) => {
        checker.saw(isolation, record.topic, record.partition, record.offset, record.value);
        tampering?.saw(record);
      });
    }
    const { seed } = this.#options;
    return {
      seed,
      ledger: this.#ledger,
      deliveries: this.#deliveries,
      blows: this.#dealer.dealt,
      streams: this.#streams,
      transactional: this.#allTransactional(),
      sentForMs: this.#sentForMs,
      verdict: checker.verdict(),
      proofs: tampering?.proofs() ?? [],
    };
  }

  #stream({ name, style, share, promises, options, isPatient }: StreamRole): RecordStream {
    const { records, sendingMs } = this.#options;
    const { orders, payments, audit } = this.#byName;
    return new RecordStream({
      member: this.#ledger.addProducer(name, promises),
      producer: this.#producer({ ...options, clientId: name }),
      options,
      style,
      topics: [orders, payments, audit],
      ratePerSecond: (records * share * 1000) / sendingMs,
      least: Math.ceil(records * share),
      isPatient,
      deliveries: this.#deliveries,
      dice: this.#dice.fork(),
    });
  }

  #transactional(name: string): TransactionalProducer {
    const options = transactionalOptions(this.#dice.fork());
    return new TransactionalProducer({
      member: this.#ledger.addProducer(name),
      make: () => this.#producer({ ...options, clientId: name, transactionalId: name }),
      deliveries: this.#deliveries,
      dice: this.#dice.fork(),
    });
  }

  #copier(partition: number): Copier {
    const { inputs, copies } = this.#byName;
    const group = `copier-${partition}`;
    return new Copier({
      producer: this.#transactional(group),
      from: inputs,
      to: copies,
      partition,
      group,
      committedOffset: () => committedOffset(this.#cluster, group, { topic: inputs.name, partition }),
      dice: this.#dice.fork(),
    });
  }

  #producer(options: ProducerOptions): ChaosProducer {
    const { makeProducer = (all) => new Producer(all) } = this.#options;
    return makeProducer({ ...options, bootstrapServers: this.#cluster.bootstrapServers });
  }

  #allTransactional(): readonly TransactionalProducer[] {
    return [...this.#writers, ...this.#copiers.map(({ init }) => init.producer)];
  }

  #write(writer: TransactionalProducer, index: number): Promise<void> {
    const { inputs, payments, audit } = this.#byName;
    const topics = [inputs, inputs, index % 2 === 0 ? payments : audit];
    return writeTransactions(writer, { topics, dice: this.#dice.fork(), isOver: () => this.#isOver });
  }

  #copy(copier: Copier, partition: number): Promise<void> {
    return copier.run(
      () => this.#lastInputs[partition],
      () => this.#isCancelled,
    );
  }

  async #writeLast(): Promise<void> {
    const [writer] = this.#writers;
    if (writer !== undefined) this.#lastInputs = await writeLast(writer, this.#byName.inputs);
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#streams.map(({ init }) => init.producer.flush()));
  }

  /** The cluster is well: whoever gets no further in that time never will. */
  async #settled(what: string, work: Promise<unknown>): Promise<void> {
    let isSettled = false;
    const settled = work.then(() => (isSettled = true));
    let progress = this.#progress();
    let sinceMs = performance.now();
    while (!isSettled) {
      await Promise.race([settled, pause(LOOK_MS)]);
      const now = this.#progress();
      if (now !== progress) sinceMs = performance.now();
      progress = now;
      if (performance.now() - sinceMs < STUCK_MS) continue;
      this.#deliveries.violation(`stuck: ${what} got no further in ${STUCK_MS} ms after the last blow`);
      return;
    }
  }

  /** Another one whenever something was sent, answered, begun. */
  #progress(): string {
    const { records, transactions } = this.#ledger;
    return `${records} ${this.#ledger.countOf("acknowledged")} ${transactions}`;
  }

  async #checkOffsets(): Promise<void> {
    for (const { init, position } of this.#copiers) {
      const committed = await init.committedOffset();
      if (committed === position) continue;
      this.#deliveries.violation(`${init.group} has copied up to offset ${position}, and its group goes on at ${committed}`);
    }
  }

  async #follow(): Promise<FollowingReader> {
    const { inputs } = this.#byName;
    const value = { run: 0, id: 0, topic: 0, partition: 0, producer: 0, transaction: 0 };
    this.#reader = await followLogs({
      bootstrapServers: this.#cluster.bootstrapServers,
      isolation: "committed",
      partitions: partitionsOf([inputs]),
      onRecord: (partition, offset, bytes) => {
        if (decodeValue(bytes ?? NOTHING, value)) this.#copiers[partition]?.take({ offset, id: value.id });
        else this.#deliveries.violation(`the reader of ${inputs.name}-${partition} was shown no value of ours at ${offset}`);
      },
    });
    return this.#reader;
  }

  async #read(isolation: Isolation, onRecord: (record: ReadRecord) => void): Promise<void> {
    const { topics } = this;
    const places = topics.flatMap((topic) => Array.from({ length: topic.partitions }, (_, partition) => ({ topic, partition })));
    await readLogs({
      bootstrapServers: this.#cluster.bootstrapServers,
      isolation,
      partitions: partitionsOf(topics),
      onRecord: (index, offset, value) => {
        const place = places[index];
        if (place !== undefined) onRecord({ ...place, isolation, offset, value: value ?? NOTHING });
      },
    });
  }
}

function partitionsOf(topics: readonly LedgerTopic[]): readonly LogPartition[] {
  return topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  );
}
