// A Producer with a transactional id on a cluster in memory, and a reader of what it has committed.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { ProducerOptions } from "../../src/client/index.ts";
import { KafkaError } from "../../src/protocol/index.ts";
import { ProducerStage } from "./producer-stage.ts";
import { QUIET, TRANSACTIONAL_ID, TransactionsStage } from "./transactions-stage.ts";

export { BOTH, TRANSACTIONAL_ID, V1, V2 } from "./transactions-stage.ts";

export const GROUP = "copier";
export const OFFSETS = [{ topic: "orders", partition: 0, offset: 5 }] as const;

const READER = "reader";

export class TransactionalStage {
  readonly inner: ProducerStage;
  readonly #reader: TransactionsStage;

  constructor(inner: ProducerStage) {
    this.inner = inner;
    this.#reader = new TransactionsStage(inner, { clientId: READER });
  }

  get producer(): ProducerStage["producer"] {
    return this.inner.producer;
  }
  get broker(): ProducerStage["broker"] {
    return this.inner.broker;
  }
  get when(): ProducerStage["when"] {
    return this.inner.when;
  }

  async begun(): Promise<void> {
    await this.when(this.producer.initTransactions());
    this.producer.beginTransaction();
  }

  /** Sends to partition 0, or another. */
  send(value: string, partition = 0): Promise<unknown> {
    const sent = this.producer.send("orders", { value, partition });
    // Whoever wants to know asks; others need not.
    sent.catch(() => undefined);
    return sent;
  }

  /** The error that a call ends with, which must be one of ours. */
  async refusalOf(call: Promise<unknown>): Promise<KafkaError> {
    const { error } = await this.inner.failureOf(call);
    if (error instanceof KafkaError) return error;
    throw new Error(`not refused with an error of Kafka's: ${String(error)}`);
  }

  /** One more transaction, which nothing hinders. */
  async goesOn(value: string): Promise<void> {
    this.producer.beginTransaction();
    await this.when(this.send(value));
    await this.when(this.producer.commitTransaction());
  }

  /** What a reader of committed records sees; so nothing is open before its end. */
  committed(partition = 0): Promise<readonly string[]> {
    return this.#reader.committed(partition);
  }

  /** Where the group goes on, -1 for nowhere. */
  committedOffset(): Promise<number> {
    return this.#reader.committedOffset(GROUP);
  }

  /** The producer's requests that matter to transactions: `EndTxn v5 commit`. */
  requests(api?: string): readonly string[] {
    return this.broker.journal.requests().flatMap(({ api: name = "", version, body, clientId }) => {
      if (clientId === READER || QUIET.has(name) || (api !== undefined && name !== api)) return [];
      const end = typeof body === "object" && body !== null && "committed" in body ? body.committed : undefined;
      return [`${name} v${version}${end === undefined ? "" : end === true ? " commit" : " abort"}`];
    });
  }

  async close(): Promise<readonly string[]> {
    this.#reader.transactions.close();
    await this.when(this.#reader.core.close());
    return this.inner.close();
  }
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function transactionalStage(
  cluster: EmbeddedBrokerOptions = {},
  options: Partial<ProducerOptions> = {},
): Promise<TransactionalStage> {
  const stage = new TransactionalStage(await ProducerStage.open(cluster, { transactionalId: TRANSACTIONAL_ID, ...options }));
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
