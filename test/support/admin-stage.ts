// A cluster in memory whose administrator says what a test says.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import { type apis, type Draft, type ErrorName, errorCode, type RequestOf } from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";

type CreatableTopic = Draft<RequestOf<(typeof apis)["CreateTopics"]>>["topics"];

export class AdminStage {
  readonly broker: EmbeddedBroker;
  readonly client: BrokerClient;

  private constructor(broker: EmbeddedBroker, client: BrokerClient) {
    this.broker = broker;
    this.client = client;
  }

  static async open(options: EmbeddedBrokerOptions = {}): Promise<AdminStage> {
    const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock: new HeldClock(), ...options });
    return new AdminStage(broker, await BrokerClient.connect(broker));
  }

  /** Another connection, e.g. to another node. */
  connect(node: number): Promise<BrokerClient> {
    return BrokerClient.connect(this.broker, { node });
  }

  /** Asks for topics; what came of them, in the order of the answer. */
  async create(topics: NonNullable<CreatableTopic>, options: { readonly validateOnly?: boolean } = {}): Promise<Outcome[]> {
    const answer = await this.client.ask("CreateTopics", { topics, timeoutMs: 1000, ...options }, 7);
    return answer.topics.map(({ name, ...result }) => outcomeOf(name, result));
  }

  /** Closes everything; what went wrong inside the broker, which should be nothing. */
  async close(): Promise<readonly Error[]> {
    await this.broker.close();
    return this.broker.failures;
  }
}

/** What an answer says of one item: its name, the error's name, and the words that go with it. */
export type Outcome = readonly [item: string, error: ErrorName, message: string | null];

export function outcomeOf(item: string, result: { readonly errorCode: number; readonly errorMessage: string | null }): Outcome {
  return [item, errorCode(result.errorCode).name as ErrorName, result.errorMessage];
}
