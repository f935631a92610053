import { EmbeddedBroker } from "../../broker/index.ts";
import {
  annotate,
  type Draft,
  encodeRequest,
  errorCode,
  type ProduceRequest,
  RecordBatch,
  readBatches,
} from "../../protocol/index.ts";
import { annotatedHex } from "../annotated-hex.ts";
import { brokerEventLine } from "../broker-event-line.ts";
import { type Command, OK, type Output } from "../command.ts";
import { DemoConnection } from "../demo-connection.ts";

const TOPIC = "orders";
const PRODUCE_VERSION = 9;
const FETCH_VERSION = 12;

/** Shows what works today, without anything installed: a cluster in memory, and what happens on its wire when things go wrong. */
export const demo: Command = {
  name: "demo",
  summary: "starts a Kafka cluster in memory, lets things go wrong, and explains the bytes",
  help: `Usage: kafkawire demo

Starts a Kafka cluster of three nodes in this process, sends it records, loses an answer, stops a node, reads everything
back, and explains each byte of one request.`,
  async run(_parameters, output) {
    await using broker = await EmbeddedBroker.start({ nodes: 3, transport: "memory", topics: { [TOPIC]: 3 } });
    const story = new Story(broker, output);
    await story.produce();
    await story.loseAnAnswer();
    await story.loseTheLeader();
    story.explain();
    story.lookBack();
    return OK;
  },
};

class Story {
  readonly #broker: EmbeddedBroker;
  readonly #output: Output;
  #producerId = 0n;
  #chapter = 0;

  constructor(broker: EmbeddedBroker, output: Output) {
    this.#broker = broker;
    this.#output = output;
    this.#title(`A Kafka cluster of ${broker.nodes.length} nodes, in this process, with a topic`);
    for (const partition of [0, 1, 2]) this.#say(`${TOPIC}-${partition} is led by node ${this.#leader(partition)}`);
  }

  async produce(): Promise<void> {
    this.#title("An idempotent producer sends two orders");
    const node = await DemoConnection.to(this.#broker, this.#leader());
    const { producerId } = await node.ask("InitProducerId", 4, { transactionalId: null, transactionTimeoutMs: 60_000 });
    this.#producerId = producerId;
    this.#say(`the broker calls it producer ${producerId}`);
    await this.#send(node, 0, ["tea", "milk"]);
    node.close();
  }

  async loseAnAnswer(): Promise<void> {
    this.#title("The next batch is written, but the answer is lost; so the producer sends it again");
    this.#broker.faults.disconnect({ api: "Produce", afterApply: true, reset: true });
    const node = await DemoConnection.to(this.#broker, this.#leader());
    await this.#send(node, 2, ["honey"]).catch((error: Error) => this.#say(`the producer sees: ${error.message}`));
    const again = await DemoConnection.to(this.#broker, this.#leader());
    await this.#send(again, 2, ["honey"]);
    again.close();
    this.#say(
      `the broker knew the batch by its sequence number: the log has ${this.#broker.records(TOPIC, 0).length} records, not 4`,
    );
  }

  async loseTheLeader(): Promise<void> {
    const dead = this.#leader();
    this.#title(`Node ${dead}, which leads ${TOPIC}-0, stops`);
    await this.#broker.stopNode(dead);
    this.#say(`node ${this.#leader()} leads now; everything is read from there:`);
    const node = await DemoConnection.to(this.#broker, this.#leader());
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_048_576 }];
    const { responses } = await node.ask("Fetch", FETCH_VERSION, { maxWaitMs: 0, topics: [{ topic: TOPIC, partitions }] });
    for (const batch of readBatches(responses[0]?.partitions[0]?.records ?? new Uint8Array())) {
      for (const { offset, value } of batch) this.#say(`  offset ${offset}: ${new TextDecoder().decode(value ?? undefined)}`);
    }
    node.close();
  }

  explain(): void {
    this.#title("Every byte of such a Produce request");
    const head = { api: "Produce", version: PRODUCE_VERSION, correlationId: 1, clientId: "demo" } as const;
    const frame = encodeRequest(head, this.#request(3, ["sugar"]));
    this.#output.write(`${annotatedHex(frame, annotate(frame, { kind: "request" }), this.#output)}\n`);
  }

  lookBack(): void {
    this.#title("What the cluster saw");
    for (const entry of this.#broker.journal) {
      if (entry.kind !== "request") this.#say(brokerEventLine(entry, false));
    }
    this.#title("Your turn");
    this.#say(
      "kafkawire broker --port 9092 --topics orders:3     runs such a cluster for any Kafka client: kcat, Java, Python, Go",
    );
  }

  async #send(node: DemoConnection, sequence: number, orders: readonly string[]): Promise<void> {
    const { responses } = await node.ask("Produce", PRODUCE_VERSION, this.#request(sequence, orders));
    const { errorCode: code = -1, baseOffset } = responses[0]?.partitionResponses[0] ?? {};
    this.#say(`${orders.join(", ")}: ${code === 0 ? `written at offset ${baseOffset}` : errorCode(code).name}`);
  }

  #request(sequence: number, orders: readonly string[]): Draft<ProduceRequest> {
    const records = RecordBatch.encode({
      records: orders.map((order) => ({ key: "customer-1", value: order, timestamp: Date.UTC(2026, 0, 1) })),
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: sequence,
    });
    return { acks: -1, timeoutMs: 30_000, topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }] };
  }

  #leader(partition = 0): number {
    return this.#broker.leaderOf({ topic: TOPIC, partition });
  }

  #title(text: string): void {
    const title = `${++this.#chapter}. ${text}`;
    this.#output.write(this.#output.isTerminal ? `\n\u001b[1m${title}\u001b[0m\n\n` : `\n${title}\n\n`);
  }

  #say(text: string): void {
    this.#output.write(`   ${text}\n`);
  }
}
