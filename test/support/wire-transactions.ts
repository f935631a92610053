// Transactional requests as a producer puts them on the wire, against an embedded broker in memory at a held time.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import { type ErrorName, errorCode, type InitProducerIdResponse } from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";

export const TRANSACTIONAL_ID = "payments";

export function nameOf(code: number): ErrorName {
  return errorCode(code).name;
}

export type Producer = Pick<InitProducerIdResponse, "producerId" | "producerEpoch">;

export class WireTransactions {
  readonly clock: HeldClock;
  readonly broker: EmbeddedBroker;
  readonly client: BrokerClient;

  private constructor(clock: HeldClock, broker: EmbeddedBroker, client: BrokerClient) {
    this.clock = clock;
    this.broker = broker;
    this.client = client;
  }

  /** The client is connected to the first node, which coordinates the transactional id. */
  static async open(options: EmbeddedBrokerOptions = {}): Promise<WireTransactions> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, topics: { orders: 2 }, ...options });
    broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 1);
    return new WireTransactions(clock, broker, await BrokerClient.connect(broker));
  }

  init(
    version = 5,
    transactionalId: string | null = TRANSACTIONAL_ID,
    more: Partial<Producer> = {},
  ): Promise<InitProducerIdResponse> {
    return this.client.ask("InitProducerId", { transactionalId, transactionTimeoutMs: 60_000, ...more }, version);
  }

  /** The answers by partition of `orders`. */
  async add(producer: Producer, partitions: readonly number[], version = 3, topic = "orders"): Promise<readonly ErrorName[]> {
    const body = {
      v3AndBelowTransactionalId: TRANSACTIONAL_ID,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions }],
    };
    const { resultsByTopicV3AndBelow } = await this.client.ask("AddPartitionsToTxn", body, version);
    return resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
      resultsByPartition.map(({ partitionErrorCode }) => nameOf(partitionErrorCode)),
    );
  }

  async end({ producerId, producerEpoch }: Producer, committed: boolean, version = 5): Promise<readonly [ErrorName, Producer]> {
    const body = { transactionalId: TRANSACTIONAL_ID, producerId, producerEpoch, committed };
    const answer = await this.client.ask("EndTxn", body, version);
    return [nameOf(answer.errorCode), { producerId: answer.producerId, producerEpoch: answer.producerEpoch }];
  }

  /** Nothing may be left over: no failure that a client saw, and no timer. */
  async close(): Promise<{ readonly failures: readonly Error[]; readonly pendingTimers: number }> {
    await this.broker.close();
    return { failures: this.broker.failures, pendingTimers: this.clock.pendingTimers };
  }
}
