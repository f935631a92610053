import { Producer, type TopicPartitionOffset } from "../../../../src/client/index.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText, type SimulatedClient } from "../../world/simulated-client.ts";
import { drawWriterOptions } from "../producers/producer-settings.ts";
import { copyOf, STRAYING_MS } from "./group-plan.ts";
import type { Member, MemberRecord } from "./member.ts";
import { UsersFailure } from "./users-failure.ts";

const CALL_MS = 10_000;
const MOST_ATTEMPTS = 6;
const RETRY_PAUSE_MS = 100;
/** What is done in `transaction()` has no end of its own. */
const LONGEST_WORK_MS = 300_000;
const ABORT_CHANCE = 0.1;
/** Whoever has less room, or room for one record in each of its batches, copies what was polled at once too slowly for any of its timeouts. */
const LEAST_MEMORY = 100_000;
const LEAST_BATCH = 1_500;

/** `unknown`: nobody can tell, and who copies has to be followed by somebody else. */
export type CopyEnd = "committed" | "aborted" | "unknown";

type Ended = { readonly kind: "value" } | { readonly kind: "error"; readonly error: unknown };
type Send = (topic: string, record: { readonly value: string; readonly partition: number }) => Promise<unknown>;

/** Writes what its member has read to another topic, and with it, in one transaction, where the group goes on. */
export class Copier {
  readonly #member: Member;
  readonly #dice: Dice;
  readonly #client: SimulatedClient<Producer>;
  #isReady = false;

  constructor(member: Member, dice: Dice, transactionalId: string) {
    this.#member = member;
    this.#dice = dice;
    const { world } = member;
    this.#client = world.addClient("copier", (runtime, clientId) => {
      const {
        keySerializer: _key,
        valueSerializer: _value,
        ...drawn
      } = drawWriterOptions(world, dice.fork(), clientId, transactionalId);
      const requestTimeoutMs = Math.min(drawn.requestTimeoutMs, 3000);
      const deliveryTimeoutMs = drawn.lingerMs + requestTimeoutMs + dice.pick([500, 3000]);
      // Whoever has the partitions next waits until it is over: not for a minute.
      const transactionTimeoutMs = deliveryTimeoutMs + dice.pick(member.book.plan.strays ? [STRAYING_MS[1]] : [500, 5000]);
      const bufferMemory = Math.max(drawn.bufferMemory, LEAST_MEMORY);
      const batchSize = Math.max(drawn.batchSize, LEAST_BATCH);
      const times = { requestTimeoutMs, deliveryTimeoutMs, transactionTimeoutMs };
      const options = { ...drawn, ...times, bufferMemory, batchSize, apiVersion: "auto" as const };
      world.journal.note(clientId, `copies for ${member.client.clientId}: ${JSON.stringify(options)}`);
      return new Producer(options, runtime);
    });
  }

  /** Whether it can write; somebody whom it follows may have left a transaction open. */
  async isReady(): Promise<boolean> {
    if (this.#isReady) return true;
    const ended = await this.#call("initTransactions", (producer, options) => producer.initTransactions(options));
    this.#isReady = ended.kind === "value";
    if (ended.kind === "error" && isFatal(ended.error)) this.#member.isUseless = true;
    return this.#isReady;
  }

  /** `toil` is what else is done before it is committed. */
  copy(records: readonly MemberRecord[], toil: () => Promise<void>): Promise<CopyEnd> {
    return this.#dice.chance(0.3) ? this.#copyInOneCall(records, toil) : this.#copyStepByStep(records, toil);
  }

  stall(ms: number): void {
    this.#member.world.stallOne(this.#client, ms);
  }

  die(): void {
    this.#client.die();
  }

  close(timeoutMs: number): Promise<void> {
    return this.#client.close({ timeoutMs }, 2 * timeoutMs);
  }

  async #copyStepByStep(records: readonly MemberRecord[], toil: () => Promise<void>): Promise<CopyEnd> {
    const { client: producer } = this.#client;
    try {
      producer.beginTransaction();
    } catch (error) {
      this.#member.note(`beginTransaction: ${errorText(error)}`);
      return "unknown";
    }
    const isWritten = this.#write(records, producer.send.bind(producer));
    await toil();
    const straysBefore = this.#dice.chance(0.5);
    if (straysBefore) await this.#member.strays();
    const group = this.#member.consumer.groupMetadata();
    const ended = await this.#call("sendOffsetsToTransaction", (one, options) =>
      one.sendOffsetsToTransaction(behind(records), group, options),
    );
    if (!straysBefore) await this.#member.strays();
    const isComplete = ended.kind === "value" && (await isWritten) && !this.#isUnwilling();
    return isComplete ? this.#commit() : this.#abort();
  }

  /** By `transaction()`, which begins and ends it. */
  async #copyInOneCall(records: readonly MemberRecord[], toil: () => Promise<void>): Promise<CopyEnd> {
    let hasFailed = false;
    const { outcome } = await this.#client.call("transaction", {}, { timeoutMs: LONGEST_WORK_MS }, async (producer) => {
      const work = producer.transaction(
        async (tx) => {
          hasFailed = true;
          const isWritten = this.#write(records, (topic, record) => tx.send(topic, record));
          await toil();
          await this.#member.strays();
          await tx.sendOffsets(behind(records), this.#member.consumer.groupMetadata());
          if (!(await isWritten) || this.#isUnwilling()) throw new UsersFailure("somebody does not want his transaction any more");
          hasFailed = false;
        },
        { timeoutMs: CALL_MS },
      );
      await work.catch((error: unknown) => {
        if (!(error instanceof UsersFailure)) throw error;
      });
    });
    if (outcome.kind === "value") return hasFailed ? "aborted" : "committed";
    // Only when the work has failed, and could be undone, it is known.
    return hasFailed && !isFatal(outcome.error) && !(outcome.error instanceof Error && "abortFailure" in outcome.error)
      ? "aborted"
      : "unknown";
  }

  #isUnwilling(): boolean {
    return this.#member.world.isStormy && this.#dice.chance(ABORT_CHANCE);
  }

  /** Resolves to whether all of them are. Counts as processed: whether their transactions are committed shows in the copies. */
  async #write(records: readonly MemberRecord[], send: Send): Promise<boolean> {
    const { book } = this.#member;
    const sending = records.map((record) => {
      const { topic, partition, offset } = record;
      book.processed(book.placeOf(record), offset);
      return send(copyOf(topic), { value: String(offset), partition });
    });
    const ended = await Promise.allSettled(sending);
    return ended.every(({ status }) => status === "fulfilled");
  }

  async #commit(): Promise<CopyEnd> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const ended = await this.#call("commitTransaction", (producer, options) => producer.commitTransaction(options));
      if (ended.kind === "value") return "committed";
      const { error } = ended;
      if (error instanceof KafkaError && error.abortable) return this.#abort();
      if (isFatal(error)) break;
      await this.#member.work(RETRY_PAUSE_MS);
    }
    return "unknown";
  }

  async #abort(): Promise<CopyEnd> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const ended = await this.#call("abortTransaction", (producer, options) => producer.abortTransaction(options));
      if (ended.kind === "value") return "aborted";
      if (isFatal(ended.error)) break;
      await this.#member.work(RETRY_PAUSE_MS);
    }
    return "unknown";
  }

  async #call(method: string, run: (producer: Producer, options: { readonly timeoutMs: number }) => Promise<void>): Promise<Ended> {
    const { outcome } = await this.#client.call(method, {}, { timeoutMs: CALL_MS }, run);
    if (outcome.kind === "error") this.#member.note(`${method} failed: ${errorText(outcome.error)}`);
    return outcome;
  }
}

/** Where each partition goes on. */
function behind(records: readonly MemberRecord[]): readonly TopicPartitionOffset[] {
  const last = new Map(records.map((record) => [`${record.topic}-${record.partition}`, record]));
  return Array.from(last.values(), ({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1 }));
}

/** Nothing helps any more. */
function isFatal(error: unknown): boolean {
  return error instanceof KafkaError && (error.fatal || error.code === "CLOSED" || error.code === "ILLEGAL_STATE");
}
