/** What `kafkawire demo` shows: a cluster, a producer, a group of consumers, what goes wrong, and the bytes of it. */
import type { EmbeddedBroker, JournalEntry } from "../../broker/index.ts";
import { Producer, strings, systemRuntime } from "../../index.ts";
import { annotate, apis, encodeRequestWithHeader } from "../../protocol/index.ts";
import { annotatedHex } from "../annotated-hex.ts";
import { brokerEventLine } from "../broker-event-line.ts";
import type { Output } from "../command.ts";
import { counted } from "../text-table.ts";
import { Crew, type Reading, type SeenRebalance } from "./crew.ts";
import { Page } from "./page.ts";

export const TOPIC = "orders";
export const PARTITIONS = 4;
const GROUP = "kitchen";
const [FIRST, SECOND] = ["cook-1", "cook-2"] as const;

interface Order {
  readonly key: string;
  readonly value: string;
}

const MORNING: readonly Order[] = [
  { key: "ada", value: "2 teas" },
  { key: "mia", value: "1 coffee" },
  { key: "cleo", value: "3 rolls" },
  { key: "leo", value: "1 tea" },
  { key: "ada", value: "1 cake" },
  { key: "eve", value: "2 coffees" },
  { key: "tess", value: "1 soup" },
];
const LOST: Order = { key: "mia", value: "1 cake" };
const NOON: readonly Order[] = [
  { key: "cleo", value: "1 soup" },
  { key: "ada", value: "1 salad" },
  { key: "gus", value: "2 soups" },
  { key: "leo", value: "1 salad" },
  { key: "mia", value: "2 teas" },
  { key: "eve", value: "1 soup" },
];
const EVENING: readonly Order[] = [
  { key: "ada", value: "1 wine" },
  { key: "cleo", value: "2 wines" },
  { key: "tess", value: "1 beer" },
  { key: "leo", value: "1 beer" },
];

export class Story {
  readonly #broker: EmbeddedBroker;
  readonly #output: Output;
  readonly #page: Page;
  readonly #producer: Producer<string, string>;
  readonly #crew: Crew;
  #sent = 0;
  #sentAgain: JournalEntry | undefined;
  /** How many of the readings have been told. */
  #known = 0;

  constructor(broker: EmbeddedBroker, output: Output) {
    this.#broker = broker;
    this.#output = output;
    this.#page = new Page(output);
    const { bootstrapServers } = broker;
    this.#producer = new Producer({ bootstrapServers, clientId: "till", keySerializer: strings, valueSerializer: strings });
    this.#crew = new Crew({ bootstrapServers, groupId: GROUP, topic: TOPIC });
  }

  async tell(): Promise<void> {
    try {
      this.#cluster();
      await this.#produce();
      await this.#loseAnAnswer();
      await this.#consume();
      await this.#rebalance();
      await this.#offsets();
      await this.#loseANode();
      await this.#leave();
      this.#explain();
      this.#lookBack();
    } finally {
      await Promise.all([this.#crew.close(), this.#producer.close()]);
    }
    this.#yourTurn();
  }

  #cluster(): void {
    const { nodes } = this.#broker;
    this.#page.chapter(`A Kafka cluster of ${nodes.length} nodes, in this process`);
    this.#page.code(`const broker = await EmbeddedBroker.start({ nodes: ${nodes.length}, topics: { ${TOPIC}: ${PARTITIONS} } });`);
    for (const { id, host, port } of nodes) {
      const led = partitions().filter((partition) => this.#leaderOf(partition) === id);
      this.#page.say(`node ${id} at ${host}:${port} leads ${led.map(nameOf).join(", ") || "nothing yet"}`);
    }
  }

  async #produce(): Promise<void> {
    this.#page.chapter("A producer sends orders");
    this.#page.code(`const { partition, offset } = await producer.send("${TOPIC}", { key: "ada", value: "2 teas" });`);
    await this.#send(MORNING);
    const requests = counted(this.#broker.journal.requests("Produce").length, "request");
    this.#page.say("", `They went out in ${requests}. A customer's orders lie in one partition, as they were sent.`);
  }

  async #loseAnAnswer(): Promise<void> {
    this.#page.chapter("An answer is lost, and nothing is written twice");
    this.#page.code(`broker.faults.disconnect({ api: "Produce", afterApply: true });`);
    const requests = this.#broker.journal.requests("Produce").length;
    this.#broker.faults.disconnect({ api: "Produce", afterApply: true });
    const place = await this.#sendOne(LOST);
    this.#sentAgain = this.#broker.journal.requests("Produce").at(-1);
    const asked = this.#broker.journal.requests("Produce").length - requests;
    this.#page.say(
      `The leader wrote the batch, and the connection broke before it could say so. The producer asked ${asked} times.`,
      `${LOST.key}, ${LOST.value}: written at ${nameOf(place.partition)}, offset ${place.offset}`,
      `The log has ${counted(this.#written(), "record")}, not ${this.#sent + 1}: by its sequence number the broker knew the batch.`,
    );
  }

  async #consume(): Promise<void> {
    this.#page.chapter(`A consumer joins the group "${GROUP}", and reads`);
    this.#page.code(`consumer.subscribe("${TOPIC}");   for await (const batch of consumer.batches()) …   await batch.commit();`);
    this.#crew.join(FIRST);
    await this.#crew.untilSettled(PARTITIONS);
    this.#tellRebalances(this.#crew.rebalances);
    this.#page.say("");
    this.#tellReadings(await this.#allRead());
  }

  async #rebalance(): Promise<void> {
    this.#page.chapter("A second one joins: the partitions are shared anew");
    const before = this.#crew.rebalances.length;
    this.#crew.join(SECOND);
    await this.#crew.untilSettled(PARTITIONS);
    this.#tellRebalances(this.#crew.rebalances.slice(before));
    this.#page.say("", "The first round takes away no more than has to go, the second gives it to who waits. In between,");
    this.#page.say(`${FIRST} goes on with what stays. More orders come, and each is read by one of them:`, "");
    await this.#send(NOON, false);
    this.#tellReadings(await this.#allRead());
  }

  async #offsets(): Promise<void> {
    this.#page.chapter("Offsets: how far the group is");
    this.#page.code("await consumer.committed(partitions);   await consumer.endOffsets(partitions);");
    await this.#tellOffsets();
    this.#page.say("", "Whoever gets a partition begins where the group has committed, and not where the log begins.");
  }

  async #loseANode(): Promise<void> {
    const node = this.#broker.coordinatorOf("group", GROUP);
    const led = partitions().filter((partition) => this.#leaderOf(partition) === node);
    const roles = [...(led.length === 0 ? [] : [`leads ${led.map(nameOf).join(", ")}`]), "coordinates the group"];
    this.#page.chapter(`Node ${node}, which ${roles.join(" and ")}, stops`);
    const rebalances = this.#crew.rebalances.length;
    await this.#broker.stopNode(node);
    const startedAtMs = systemRuntime.clock.monotonic();
    await this.#send(EVENING, false);
    const found = await this.#allRead();
    const tookMs = Math.round(systemRuntime.clock.monotonic() - startedAtMs);
    const more = this.#crew.rebalances.length - rebalances;
    this.#page.say(
      `Producer and consumers find the new leaders, and the group's new coordinator: node ${this.#broker.coordinatorOf("group", GROUP)}.`,
      `${counted(found.length, "order")} sent, read and committed after ${tookMs} ms; ${more === 0 ? "no rebalance" : counted(more, "rebalance")}:`,
      "",
    );
    this.#tellReadings(found);
  }

  async #leave(): Promise<void> {
    this.#page.chapter("One leaves, and the other takes over where it was");
    this.#page.code("await consumer.close();");
    const before = this.#crew.rebalances.length;
    await this.#crew.leave(SECOND);
    await this.#crew.untilSettled(PARTITIONS);
    this.#tellRebalances(this.#crew.rebalances.slice(before));
    this.#page.say("");
    await this.#tellOffsets();
    const places = new Set(this.#crew.readings.map(({ partition, offset }) => `${partition} ${offset}`));
    const twice = this.#crew.readings.length - places.size;
    this.#page.say(
      "",
      `${counted(this.#sent, "order")} sent, ${counted(places.size, "order")} read, ${twice === 0 ? "none" : twice} of them twice.`,
    );
  }

  #explain(): void {
    this.#page.chapter("Every byte of a request: the one of chapter 3, that the broker knew again");
    const entry = this.#sentAgain;
    if (entry === undefined) throw new Error("nothing was sent again");
    const frame = frameOf(entry);
    this.#page.say(
      `Produce v${entry.version} to node ${entry.node}, ${frame.length} bytes. From the left: position, bytes, field, value.`,
      "",
    );
    this.#page.picture(annotatedHex(frame, annotate(frame, { kind: "request" }), this.#output));
  }

  #lookBack(): void {
    this.#page.chapter("What the cluster saw");
    const counts = new Map<string, number>();
    for (const { api } of this.#broker.journal.requests()) if (api !== undefined) counts.set(api, (counts.get(api) ?? 0) + 1);
    const rows = [...counts].toSorted(([one], [other]) => one.localeCompare(other)).map(([api, count]) => [api, String(count)]);
    this.#page.table([{ title: "REQUEST" }, { title: "TIMES", isNumber: true }], rows);
    this.#page.say("");
    for (const entry of this.#broker.journal) {
      if (entry.kind === "fault" || entry.kind === "cluster") this.#page.say(brokerEventLine(entry, false));
    }
  }

  #yourTurn(): void {
    this.#page.chapter("Your turn");
    this.#page.say(
      "kafkawire broker --port 9092 --topics orders:4    such a cluster for any Kafka client: kcat, Java, Python, Go",
      "kafkawire produce orders                          then type orders, one a line",
      "kafkawire consume orders --group kitchen          twice, in two terminals",
      "kafkawire groups describe kitchen                 who holds what, and how far it is",
    );
  }

  async #send(orders: readonly Order[], isShown = true): Promise<void> {
    const rows = await Promise.all(
      orders.map(async (order) => {
        const { partition, offset } = await this.#sendOne(order);
        return [order.key, order.value, nameOf(partition), String(offset)];
      }),
    );
    const columns = [{ title: "KEY" }, { title: "VALUE" }, { title: "PARTITION" }, { title: "OFFSET", isNumber: true }];
    if (isShown) this.#page.table(columns, rows);
  }

  async #sendOne(order: Order): Promise<{ readonly partition: number; readonly offset: number }> {
    const metadata = await this.#producer.send(TOPIC, order);
    this.#sent++;
    return metadata;
  }

  /** What was read, and committed, since the last time; all that was sent is, by now. */
  async #allRead(): Promise<readonly Reading[]> {
    const { readings } = this.#crew;
    const known = this.#known;
    await this.#crew.until(() => readings.length >= this.#sent);
    this.#known = readings.length;
    return readings.slice(known);
  }

  #tellReadings(readings: readonly Reading[]): void {
    const inOrder = readings.toSorted(
      (one, other) => one.reader.localeCompare(other.reader) || one.partition - other.partition || one.offset - other.offset,
    );
    const rows = inOrder.map(({ reader, partition, offset, key, value }) => [
      reader,
      nameOf(partition),
      String(offset),
      `${key}: ${value}`,
    ]);
    this.#page.table([{ title: "READ BY" }, { title: "PARTITION" }, { title: "OFFSET", isNumber: true }, { title: "ORDER" }], rows);
  }

  #tellRebalances(seen: readonly SeenRebalance[]): void {
    const columns = [
      { title: "CONSUMER" },
      { title: "ROUND", isNumber: true },
      { title: "GIVES" },
      { title: "GETS" },
      { title: "TOOK", isNumber: true },
      { title: "BECAUSE" },
    ];
    const rows = seen.map(({ reader, rebalance: { generationId, revoked, assigned, durationMs, cause } }) => {
      const [gives, gets] = [revoked, assigned].map((moved) => moved.map(({ partition }) => nameOf(partition)).join(" ") || "–");
      return [reader, String(generationId), gives ?? "", gets ?? "", `${Math.round(durationMs)} ms`, cause];
    });
    this.#page.table(columns, rows);
  }

  async #tellOffsets(): Promise<void> {
    const places = partitions().map((partition) => ({ topic: TOPIC, partition }));
    const consumer = this.#crew.consumer(FIRST);
    const [committed, ends] = await Promise.all([consumer.committed(places), consumer.endOffsets(places)]);
    const rows = places.map(({ partition }, index) => {
      const [done, end] = [committed[index]?.offset ?? 0, ends[index]?.offset ?? 0];
      return [nameOf(partition), String(done), String(end), String(end - done), this.#crew.holderOf(partition) ?? ""];
    });
    const numbers = ["COMMITTED", "END", "LAG"].map((title) => ({ title, isNumber: true }));
    this.#page.table([{ title: "PARTITION" }, ...numbers, { title: "CONSUMER" }], rows);
  }

  #written(): number {
    return partitions().reduce((sum, partition) => sum + this.#broker.records(TOPIC, partition).length, 0);
  }

  #leaderOf(partition: number): number {
    return this.#broker.leaderOf({ topic: TOPIC, partition });
  }
}

function partitions(): readonly number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}

function nameOf(partition: number): string {
  return `${TOPIC}-${partition}`;
}

/** The journal keeps what was in a request, not its bytes; there is one way to write it. */
function frameOf({ version = 0, correlationId = 0, clientId = "", body }: JournalEntry): Uint8Array {
  const header = { requestApiKey: apis.Produce.key, requestApiVersion: version, correlationId, clientId };
  return encodeRequestWithHeader(header, body);
}
