// One member of a group. It writes down what it is handed before it works on it, and what it has done before it asks for more.

import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import {
  Consumer,
  type ConsumerRecord,
  KafkaError,
  onDiagnostics,
  type TopicPartition,
  type TopicPartitionOffset,
} from "../../../../src/index.ts";
import { Dice } from "../../../simulation/world/dice.ts";
import type { MemberEvent } from "./history.ts";
import type { Journal } from "./journal.ts";
import type { MemberSpec } from "./member-spec.ts";
import { KEYS, valueAt } from "./numbered-value.ts";
import { nameOf, Progress } from "./progress.ts";
import { WAYS } from "./ways.ts";

/** A listener must not be kept from letting go by a coordinator that is away. */
const PATIENCE = { timeoutMs: 3000 };
/** Whoever commits himself does so at the latest after so long. */
const COMMIT_EVERY_MS = 500;
const AFTER_FAILURE_MS = 50;
const LONGEST_WORK_MS = 15;
/** Errors that are not retriable, and are what rebalances come to all the same. */
const EXPECTED: readonly string[] = ["COMMIT_FAILED", "CLOSED"];

export interface ChaosMemberInit {
  readonly spec: MemberSpec;
  readonly journal: Journal;
  /** Called with a record in hand: whether something keeps its handler. */
  readonly onWork: () => Promise<void> | undefined;
}

export class ChaosMember {
  readonly consumer: Consumer;
  readonly spec: MemberSpec;
  readonly #init: ChaosMemberInit;
  readonly #dice: Dice;
  readonly #progress: Progress;
  readonly #closing = new AbortController();
  readonly #commitEvery: number;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #reading: Promise<void>;
  readonly #endDiagnostics: () => void;
  #sinceCommit = 0;
  #isCommitting = false;

  constructor(init: ChaosMemberInit) {
    const { spec, journal } = init;
    this.spec = spec;
    this.#init = init;
    this.#dice = new Dice(spec.seed);
    this.#commitEvery = this.#dice.between(20, 200);
    const lanes = spec.way === "run-by-key" ? KEYS : 1;
    this.#progress = new Progress(lanes);
    journal.write(spec.member, { kind: "began", group: spec.group, lanes, manner: `${spec.way}, ${spec.commits}` });
    this.consumer = new Consumer({ ...spec.options, clientId: spec.member, enableAutoCommit: spec.commits === "automatic" });
    this.#endDiagnostics = onDiagnostics("kafkawire:consumer:rebalanced", ({ client }) => {
      if (client.clientId === spec.member) this.noted("rebalanced");
    });
    if (this.#commitsItself) this.#timer = setInterval(() => void this.#commitWhatIsDue(), COMMIT_EVERY_MS);
    this.subscribe();
    this.#reading = this.#read();
  }

  get isClosing(): boolean {
    return this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  subscribe(): void {
    this.consumer.subscribe(this.spec.topics, {
      onPartitionsAssigned: (partitions) => this.#owns("assigned", partitions),
      onPartitionsRevoked: (partitions) => this.#revoked(partitions),
      onPartitionsLost: (partitions) => this.#owns("taken", partitions),
    });
  }

  /** By itself, or when nobody reads any more. */
  async close(): Promise<void> {
    // Closing says that what `poll` gave is processed.
    if (this.spec.way === "poll" || this.spec.way === "careless" || this.#dice.chance(0.5)) {
      this.#closing.abort();
      await this.#reading;
    }
    clearInterval(this.#timer);
    if (this.#commitsItself) await this.#commitWhatIsDue();
    const closed = this.consumer.close();
    this.#closing.abort();
    await closed;
    await this.#reading;
    this.#endDiagnostics();
  }

  // For its way of reading.

  /** In order, and without a gap. */
  handed(records: Iterable<ConsumerRecord>): void {
    let run: { topic: string; partition: number; first: number; last: number } | undefined;
    for (const { topic, partition, offset, value } of records) {
      const expected = valueAt(topic, partition, offset);
      const text = value === null ? "null" : Buffer.from(value).toString();
      if (text !== expected) this.wrong(`${expected} is ${text}`);
      if (run?.topic === topic && run.partition === partition && offset === run.last + 1) run.last = offset;
      else {
        this.#handedRun(run);
        run = { topic, partition, first: offset, last: offset };
      }
    }
    this.#handedRun(run);
  }

  done(place: TopicPartition, first: number, last: number = first): void {
    this.#write({ kind: "done", atMs: Date.now(), partition: nameOf(place), first, last });
    this.#progress.done(place, first, last);
    this.#sinceCommit += last - first + 1;
  }

  /** What a handler does with a record. */
  work(): Promise<unknown> | undefined {
    const kept = this.#init.onWork();
    if (kept !== undefined) return kept;
    if (this.spec.isQuick && this.#dice.chance(0.9)) return undefined;
    if (this.#dice.chance(0.1)) return pause(this.#dice.between(1, LONGEST_WORK_MS));
    return this.#dice.chance(0.5) ? turn() : undefined;
  }

  /** All that it was handed is done, or it is in `run`, which knows what is: whoever commits himself may do so. */
  afterwards(): Promise<void> | undefined {
    if (!this.#commitsItself || this.#sinceCommit < this.#commitEvery || this.#isCommitting) return undefined;
    const due = this.#due();
    const { commits, way } = this.spec;
    if (due.length === 0 && commits !== "positions") return undefined;
    if (commits === "async") return this.#commit(due, () => this.#commitAsync(due));
    if (commits !== "positions") return this.#commit(due, () => this.consumer.commit(due, PATIENCE));
    // For `run` a record is done when its handler has returned, so nobody can tell what exactly is committed by that.
    return this.#commit(way.startsWith("run") ? [] : due, () => this.consumer.commit());
  }

  /** In its own words: what is committed by that? */
  async committing(offsets: readonly TopicPartitionOffset[], commit: () => Promise<void>): Promise<void> {
    try {
      await commit();
      this.#acknowledged(offsets);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    if (!(error instanceof KafkaError)) this.wrong(error instanceof Error ? (error.stack ?? error.message) : String(error));
    else if (!error.retriable && !EXPECTED.includes(error.code)) this.wrong(`${error.code}: ${error.message}`);
    else this.noted(error.code);
  }

  noted(what: string): void {
    this.#init.journal.write(this.spec.member, { kind: "noted", what });
  }

  wrong(what: string): void {
    this.#write({ kind: "wrong", atMs: Date.now(), what });
  }

  get #commitsItself(): boolean {
    return this.spec.commits !== "automatic";
  }

  async #read(): Promise<void> {
    while (!this.isClosing) {
      try {
        await WAYS[this.spec.way](this);
      } catch (error) {
        if (this.isClosing) break;
        this.failed(error);
        await pause(AFTER_FAILURE_MS);
      }
    }
  }

  #handedRun(run: (TopicPartition & { readonly first: number; readonly last: number }) | undefined): void {
    if (run === undefined) return;
    const { first, last } = run;
    this.#write({ kind: "handed", atMs: Date.now(), partition: nameOf(run), first, last });
    this.#progress.handed(run, first);
  }

  #owns(kind: "assigned" | "taken", partitions: readonly TopicPartition[]): void {
    this.#write({ kind, atMs: Date.now(), partitions: partitions.map(nameOf) });
    this.#progress.forget(partitions);
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    const due = this.#progress.due(partitions); // Still assigned while it is told.
    this.#owns("taken", partitions);
    if (!this.#commitsItself || due.length === 0 || this.#dice.chance(0.3)) return;
    await this.committing(due, () => this.consumer.commit(due, PATIENCE));
  }

  /** What it has lost it may not know of yet, and a commit of that is nobody's who is a member again. */
  #due(): TopicPartitionOffset[] {
    return this.#progress.due(this.consumer.assignment());
  }

  /** What is done and not committed for whatever reason. */
  async #commitWhatIsDue(): Promise<void> {
    const due = this.#due();
    if (this.#isCommitting) return;
    // By key, records that come later may lie before those that it has been handed; what is done of these only the consumer knows.
    if (this.#progress.isVague(this.consumer.assignment())) await this.#commit([], () => this.consumer.commit(undefined, PATIENCE));
    else if (due.length > 0) await this.#commit(due, () => this.consumer.commit(due, PATIENCE));
  }

  async #commit(due: readonly TopicPartitionOffset[], commit: () => Promise<void>): Promise<void> {
    this.#sinceCommit = 0;
    this.#isCommitting = true;
    await this.committing(due, commit);
    this.#isCommitting = false;
  }

  #commitAsync(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.consumer.commitAsync(offsets, (_offsets, error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  #acknowledged(offsets: readonly TopicPartitionOffset[]): void {
    this.#progress.committed(offsets);
    for (const { topic, partition, offset } of offsets) {
      this.#write({ kind: "acknowledged", atMs: Date.now(), partition: nameOf({ topic, partition }), offset });
    }
  }

  #write(event: MemberEvent): void {
    this.#init.journal.write(this.spec.member, event);
  }
}
