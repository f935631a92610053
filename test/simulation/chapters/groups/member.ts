import { Consumer, type ConsumerOptions, type ConsumerRecord, type TopicPartition } from "../../../../src/client/index.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { Copier } from "./copier.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";
import { drawMemberOptions, STRAYING_MS } from "./group-plan.ts";
import { Tenure } from "./tenure.ts";
import { UsersFailure } from "./users-failure.ts";

const OWNED = "nothing is delivered but what the member was assigned, and was not revoked since";
const ONCE = "nothing is delivered twice that was committed, or that is still in the same hands";
const STALE = "a member of a classic group is given nothing that somebody else has been assigned since";
const ONE_EACH = "in one generation a partition is delivered to one member";
const TOLD = "listeners are told what becomes of a partition, in order: assigned, then revoked or lost";
const LONGEST_CALLBACK_MS = 50;
const COMMIT_MS = 3000;
/** What a call that reads may take beyond its own time: callbacks of the listener. */
export const CALLBACKS_MS: number = 4 * (COMMIT_MS + LONGEST_CALLBACK_MS);

export type MemberOptions = ConsumerOptions;
export type MemberRecord = ConsumerRecord;

/** A member of a group: in a process of its own, which may be blocked, or killed. */
export class Member {
  readonly world: World;
  readonly book: GroupBook;
  readonly client: SimulatedClient<Consumer>;
  readonly options: MemberOptions;
  readonly dice: Dice;
  readonly tenures: Map<string, Tenure> = new Map();
  /** Of a group that copies. */
  readonly copier: Copier | undefined;
  /** Settles when its process is killed. */
  readonly death: Promise<void>;
  isDead = false;
  /** Somebody else has its name, or its transactions: it can only be closed. */
  isUseless = false;
  /** What is handed out last stays unprocessed when it is closed. */
  isInLoop = false;
  /** The next time that it has something in hand. */
  isToStray = false;
  #onDeath: () => void = () => undefined;

  constructor(world: World, dice: Dice, book: GroupBook, instanceId: string | undefined) {
    this.world = world;
    this.dice = dice;
    this.book = book;
    const own = dice.fork();
    const made: MemberOptions[] = [];
    this.client = world.addClient("member", (runtime, clientId) => {
      const options = drawMemberOptions(world, own, clientId, book.plan, instanceId);
      made.push(options);
      world.journal.note(clientId, `is made: ${JSON.stringify(options)}`);
      return new Consumer(options, runtime);
    });
    const [options] = made;
    if (options === undefined) throw new Error("a world has made no client");
    this.options = options;
    this.death = new Promise((resolve) => {
      this.#onDeath = resolve;
    });
    if (book.plan.copies) this.copier = new Copier(this, dice.fork(), `copier-${instanceId ?? this.client.clientId}`);
    this.#subscribe();
  }

  get consumer(): Consumer {
    return this.client.client;
  }

  get isAutomatic(): boolean {
    return this.options.enableAutoCommit === true;
  }

  /** Who it is to the group. */
  get name(): string {
    return this.options.groupInstanceId ?? this.client.clientId;
  }

  #subscribe(): void {
    const topics = this.book.plan.topics.map(({ name }) => name);
    this.consumer.subscribe(topics, {
      onPartitionsAssigned: (places) => this.#assigned(places),
      onPartitionsRevoked: (places) => this.#revoked(places),
      onPartitionsLost: (places) => this.#lost(places),
    });
  }

  /** Lets go of everything, and wants it back at once. */
  subscribeAnew(): void {
    if (!this.isInLoop) this.comes();
    this.note("subscribes anew");
    this.consumer.unsubscribe();
    this.#subscribe();
  }

  /** A call that reads: what the user himself has thrown comes out of it as it is. */
  async reads<T>(method: string, argument: unknown, timeoutMs: number, read: (consumer: Consumer) => Promise<T>): Promise<boolean> {
    let isFine = true;
    const { outcome } = await this.client.call(method, argument, { timeoutMs }, async (consumer) => {
      await read(consumer).catch((error: unknown) => {
        isFine = false;
        if (!(error instanceof UsersFailure)) throw error;
        this.note(`hears of ${error.message}`);
      });
    });
    if (outcome.kind === "error" && outcome.error instanceof KafkaError && isOfAnother(outcome.error)) this.isUseless = true;
    return isFine;
  }

  /** It was given it. */
  sees(record: MemberRecord, isByKey = false): Tenure {
    const { offset } = record;
    const place = this.book.placeOf(record);
    const tenure = this.tenures.get(place.name) ?? new Tenure(place, true);
    const said = `${this.client.clientId}: ${place.name} at ${offset}`;
    if (tenure.isGoing) this.world.violate(OWNED, said);
    const fault = tenure.given(offset, isByKey);
    if (fault !== undefined) this.world.violate(ONCE, `${said}, and ${fault}`);
    // By KIP-848 only the coordinator knows how long it waits for somebody who is silent.
    const isClassic = this.book.plan.protocol === "classic";
    if (isClassic && place.owner !== this.name) this.world.violate(STALE, `${said}: ${place.owner} has it`);
    this.#checkAlone(place, said);
    return tenure;
  }

  processed(tenure: Tenure, offset: number): void {
    if (this.isDead || !tenure.inHand.delete(offset)) return;
    this.book.processed(tenure.place, offset);
  }

  /** It comes for more: what it has got is done with. */
  comes(): void {
    this.isInLoop = false;
    for (const tenure of this.tenures.values()) for (const offset of tenure.inHand) this.processed(tenure, offset);
  }

  /** Its own work takes so long; never ends when it dies meanwhile. */
  async work(ms: number): Promise<void> {
    let leftMs = ms;
    do {
      await this.world.wait(leftMs);
      leftMs = this.client.footprint.standsStillMs;
    } while (leftMs > 0);
    if (this.isDead) await new Promise<never>(() => undefined);
  }

  /** Its event loop is blocked. */
  async stall(ms: number): Promise<void> {
    if (!this.world.isStormy) return;
    this.note(`stands still for ${ms} ms`);
    const over = this.work(ms);
    this.world.stallOne(this.client, ms);
    this.copier?.stall(ms);
    await over;
  }

  /** It is away, if it is to be, for so long that the group goes on without it: blocked, or busy with something else. */
  async strays(): Promise<void> {
    if (!this.isToStray) return;
    this.isToStray = false;
    if (!this.world.isStormy) return;
    const ms = this.dice.between(...STRAYING_MS);
    if (this.copier === undefined || this.dice.chance(0.5)) return this.stall(ms);
    this.note(`has something else to do for ${ms} ms`);
    await this.work(ms);
  }

  die(): void {
    this.isDead = true;
    this.client.die();
    this.copier?.die();
    this.#onDeath();
  }

  /** What it says its position is. */
  async position(place: TopicPartition): Promise<number | undefined> {
    const limits = { timeoutMs: COMMIT_MS };
    const { result } = await this.client.call("position", place, limits, (consumer, options) => consumer.position(place, options));
    return result;
  }

  async commit(): Promise<void> {
    const limits = { timeoutMs: COMMIT_MS };
    await this.client.call("commit", {}, limits, (consumer, options) => consumer.commit(undefined, options));
  }

  commitAsync(): void {
    this.note("commits in the background");
    try {
      this.consumer.commitAsync(undefined, (_, error) => {
        if (error !== undefined) this.note(`a commit failed: ${errorText(error)}`);
      });
    } catch (error) {
      this.note(errorText(error));
    }
  }

  async close(timeoutMs: number, commits: boolean): Promise<void> {
    if (!this.isInLoop) this.comes();
    const autocommit = commits && this.copier === undefined;
    await Promise.all([
      this.client.close({ timeoutMs, ...(autocommit && { autocommit }) }, timeoutMs),
      this.copier?.close(timeoutMs),
    ]);
  }

  note(text: string): void {
    this.world.journal.note(this.client.clientId, text);
  }

  async #assigned(places: readonly TopicPartition[]): Promise<void> {
    this.note(`is assigned ${places.map(nameOf).join(", ")}`);
    this.book.look(this.world);
    for (const one of places) {
      const place = this.book.placeOf(one);
      if (this.tenures.has(place.name)) this.world.violate(TOLD, `${this.client.clientId} has ${place.name} already`);
      this.tenures.set(place.name, new Tenure(place));
      place.owner = this.name;
    }
    await this.#linger();
    this.#mayFail("assigned");
  }

  async #revoked(places: readonly TopicPartition[]): Promise<void> {
    this.note(`is to give up ${places.map(nameOf).join(", ")}`);
    const going = places.map((place) => this.#going("revoked", place));
    await this.#linger();
    if (!this.isAutomatic && this.copier === undefined && this.dice.chance(0.5)) await this.commit();
    for (const tenure of going)
      if (this.tenures.get(tenure?.place.name ?? "") === tenure) this.tenures.delete(tenure?.place.name ?? "");
    this.note("has given them up");
    this.#mayFail("revoked");
  }

  async #lost(places: readonly TopicPartition[]): Promise<void> {
    this.note(`has lost ${places.map(nameOf).join(", ")}`);
    for (const place of places) if (this.#going("lost", place) !== undefined) this.tenures.delete(nameOf(place));
    await this.#linger();
    this.#mayFail("lost");
  }

  #going(what: string, place: TopicPartition): Tenure | undefined {
    const tenure = this.tenures.get(nameOf(place));
    if (tenure === undefined || tenure.isGoing) {
      this.world.violate(TOLD, `${this.client.clientId} is told that ${nameOf(place)} is ${what}, and does not have it`);
      return undefined;
    }
    tenure.isGoing = true;
    return tenure;
  }

  async #linger(): Promise<void> {
    if (this.dice.chance(0.3)) await this.work(this.dice.integer(LONGEST_CALLBACK_MS));
  }

  #mayFail(what: string): void {
    if (this.world.isStormy && this.dice.chance(0.02))
      throw new UsersFailure(`what its listener has thrown when told of what was ${what}`);
  }

  #checkAlone(place: PlaceBook, said: string): void {
    const { generationId = -1 } = this.consumer.groupMetadata();
    if (generationId < 0) return;
    const reader = place.readers.get(generationId);
    if (reader === undefined) place.readers.set(generationId, this.name);
    else if (reader !== this.name)
      this.world.violate(ONE_EACH, `${said}: in generation ${generationId} ${reader} has read it, too`);
  }
}

/** Somebody else has its name: the one who came later or, by KIP-848, the one who was there before. */
function isOfAnother({ code }: KafkaError): boolean {
  return code === "FENCED_INSTANCE_ID" || code === "UNRELEASED_INSTANCE_ID";
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
