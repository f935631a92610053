// A process with members of ours, by the public Consumer. Arguments: bootstrap servers, group, topic, protocol. Told line by line whom to let
// join and leave; each reads in another way. What they do is written down as journal.ts says.

import { createInterface } from "node:readline";
import {
  type AssignorName,
  Consumer,
  type ConsumerOptions,
  type ConsumerRecord,
  isKafkaError,
  type TopicPartition,
} from "../../../src/index.ts";
import type { Entry, Place } from "./journal.ts";

type Way = "poll" | "loop" | "run";

const WAYS: readonly Way[] = ["poll", "loop", "run"];
const POLL_MS = 200;
/** Polls between commits: who is killed has something uncommitted. */
const POLLS_PER_COMMIT = 3;

const [bootstrapServers = "", groupId = "", topic = "", protocol = ""] = process.argv.slice(2);

type Fact<E = Entry> = E extends { readonly member: string } ? Omit<E, "at" | "member"> : never;

class OurMember {
  readonly #name: string;
  readonly #consumer: Consumer;
  readonly #way: Way;
  readonly #isLeaving = new AbortController();
  readonly #handled = new Map<number, number>();
  readonly #working: Promise<void>;

  constructor(name: string, way: Way) {
    this.#name = name;
    this.#way = way;
    const how: Partial<ConsumerOptions> =
      protocol === "consumer"
        ? { groupProtocol: "consumer" }
        : {
            partitionAssignmentStrategy: protocol as AssignorName,
            sessionTimeoutMs: Number(process.env["SESSION_MS"]),
            heartbeatIntervalMs: Number(process.env["HEARTBEAT_MS"]),
          };
    this.#consumer = new Consumer({
      bootstrapServers,
      clientId: name,
      groupId,
      autoOffsetReset: "earliest",
      enableAutoCommit: way !== "poll",
      autoCommitIntervalMs: POLL_MS,
      defaultOffsetCommitCallback: (offsets, error) => {
        if (error === undefined) {
          this.#note({ what: "committed", offsets: offsets.map(({ partition, offset }): Place => [partition, offset]) });
        }
      },
      ...how,
    });
    this.#consumer.subscribe(topic, {
      onPartitionsAssigned: (partitions) => this.#told("assigned", partitions),
      onPartitionsRevoked: async (partitions) => {
        if (way === "poll") await this.#commit();
        this.#told("revoked", partitions);
      },
      onPartitionsLost: (partitions) => this.#told("lost", partitions),
    });
    this.#working = this.#work();
  }

  async leave(): Promise<void> {
    this.#isLeaving.abort();
    await this.#working;
    if (this.#way === "poll") await this.#commit();
    await this.#consumer.close();
    this.#note({ what: "left" });
  }

  async #work(): Promise<void> {
    try {
      if (this.#way === "poll") await this.#poll();
      if (this.#way === "loop") await this.#loop();
      if (this.#way === "run") {
        const { signal } = this.#isLeaving;
        await this.#consumer.run({ concurrency: 2, signal, eachRecord: (record) => this.#handle([record]) });
      }
    } catch (error) {
      if (this.#isLeaving.signal.aborted && error instanceof Error && error.name === "AbortError") return;
      this.#note({ what: "failed", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }

  async #poll(): Promise<void> {
    for (let polls = 1; !this.#isLeaving.signal.aborted; polls++) {
      this.#handle([...(await this.#consumer.poll({ timeoutMs: POLL_MS }))]);
      if (polls % POLLS_PER_COMMIT === 0) await this.#commit();
    }
  }

  async #loop(): Promise<void> {
    for await (const record of this.#consumer.iterate({ signal: this.#isLeaving.signal })) this.#handle([record]);
  }

  #handle(records: readonly ConsumerRecord[]): void {
    if (records.length === 0) return;
    this.#note({ what: "read", records: records.map(({ partition, offset }): Place => [partition, offset]) });
    for (const { partition, offset } of records) this.#handled.set(partition, offset + 1);
  }

  async #commit(): Promise<void> {
    const offsets: readonly Place[] = [...this.#handled];
    if (offsets.length === 0) return;
    try {
      await this.#consumer.commit(offsets.map(([partition, offset]) => ({ topic, partition, offset })));
    } catch (error) {
      // A rebalance is under way, and will ask for a commit again.
      if (isKafkaError(error) && ["REBALANCE_IN_PROGRESS", "COMMIT_FAILED"].includes(error.code)) return;
      throw error;
    }
    this.#note({ what: "committed", offsets });
  }

  #told(what: "assigned" | "revoked" | "lost", places: readonly TopicPartition[]): void {
    const partitions = places.map(({ partition }) => partition);
    if (what !== "assigned") for (const partition of partitions) this.#handled.delete(partition);
    this.#note({ what, partitions, generation: this.#consumer.groupMetadata().generationId });
  }

  #note(fact: Fact): void {
    const at = performance.timeOrigin + performance.now();
    process.stdout.write(`${JSON.stringify({ at, member: this.#name, ...fact })}\n`);
  }
}

const members = new Map<string, OurMember>();
let joined = Number(process.env["FIRST_WAY"] ?? 0);

const commands = createInterface({ input: process.stdin });
commands.on("close", () => process.exit());
commands.on("line", (line) => {
  const [command, name = ""] = line.split(" ");
  if (command === "join") members.set(name, new OurMember(name, WAYS[joined++ % WAYS.length] ?? "poll"));
  if (command === "leave") void members.get(name)?.leave();
});
