import {
  Consumer,
  type ConsumerRecord,
  LogTruncationError,
  NoOffsetError,
  OffsetOutOfRangeError,
  type TopicPartition,
} from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { CLAIMED, DOOMED, EXACT } from "./read-truth.ts";
import { drawReaderOptions, type ReaderOptions } from "./reader-settings.ts";
import type { ReadingLog } from "./reading-log.ts";
import { type Shelf, textOf } from "./shelf.ts";
import { Stretch } from "./trail.ts";

export const KEPT = "a record that somebody keeps stays as it was";
const WANTED = "nothing comes of a partition that is paused, or not assigned any more";
const MOST_KEPT = 60;
const CALL_MS = 5000;

export type AnyRecord = ConsumerRecord<unknown, unknown>;

export interface ReaderInit {
  readonly world: World;
  readonly dice: Dice;
  readonly shelf: Shelf;
  readonly log: ReadingLog;
  readonly groupId: string | undefined;
}

/** What a reader has done with a partition. */
export interface Place extends TopicPartition {
  stretch: Stretch;
  /** The next offset to come, at the earliest; undefined while nobody can say. */
  next: number | undefined;
  /** The first that was handed out and is not done with. */
  unprocessed: number | undefined;
  /** While keys are processed side by side: those that are done, from there on. */
  done: { readonly from: number; readonly offsets: Set<number> } | undefined;
  /** Those that were done by keys before somebody sought elsewhere: a commit of them may be on its way still. */
  readonly wasDone: Set<number>;
}

interface Kept {
  readonly record: AnyRecord;
  readonly text: string;
  readonly key: string | null;
}

/** A consumer, what it was told to read, and what it gave. */
export class Reader {
  readonly world: World;
  readonly client: SimulatedClient<Consumer<unknown, unknown>>;
  readonly options: ReaderOptions;
  readonly groupId: string | undefined;
  readonly places: Map<string, Place> = new Map();
  /** What is handed out stays unprocessed when it is closed. */
  isInLoop = false;
  /** `run` has whole batches, of which it gives the rest also when the partition is paused. */
  isRunning = false;
  /** Of which he may be assigned some; none while he subscribes. */
  readable: readonly TopicPartition[] = [];
  readonly #shelf: Shelf;
  readonly #log: ReadingLog;
  readonly #kept: Kept[] = [];
  readonly #paused = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #dice: Dice;

  constructor({ world, dice, shelf, log, groupId }: ReaderInit) {
    this.world = world;
    this.groupId = groupId;
    this.#shelf = shelf;
    this.#log = log;
    this.#dice = dice.fork();
    const made: ReaderOptions[] = [];
    const own = dice.fork();
    this.client = world.addClient("reader", (runtime, clientId) => {
      const options = drawReaderOptions(world, own, clientId, groupId);
      made.push(options);
      world.journal.note(clientId, `is made: ${JSON.stringify(options)}`);
      return new Consumer<unknown, unknown>(options, runtime);
    });
    const [options] = made;
    if (options === undefined) throw new Error("a world has made no client");
    this.options = options;
    log.readers.push(this);
  }

  get consumer(): Consumer<unknown, unknown> {
    return this.client.client;
  }

  get isCommitted(): boolean {
    return this.options.isolationLevel === "read_committed";
  }

  get isAssigned(): boolean {
    return this.readable.length > 0;
  }

  /** He was given it. Gives its place. */
  sees(record: AnyRecord): Place {
    this.#checkWanted(record);
    const place = this.placeOf(record);
    const { offset } = record;
    const text = textOf(asBytes(record.value));
    place.stretch.seen.push({ offset, text, disturbances: this.#disturbances(record) });
    // With the end of a log its marker may have gone: then the producer's next one speaks for these records, too.
    const wasCut = this.#shelf.historyOf(record.topic, record.partition)?.wasCut === true;
    if (this.isCommitted && text.startsWith(DOOMED) && !wasCut) {
      this.world.violate(EXACT, `${place.stretch.place}: ${offset} (${text.slice(0, 40)}) is of a transaction that nobody commits`);
    }
    place.next = offset + 1;
    if (this.#kept.length < MOST_KEPT || this.#dice.chance(0.05)) this.#keep(record, text);
    return place;
  }

  placeOf({ topic, partition }: TopicPartition): Place {
    const name = `${topic}-${partition}`;
    let place = this.places.get(name);
    if (place === undefined) {
      const { from, notBehind } = this.#start(topic, partition);
      place = {
        topic,
        partition,
        stretch: this.#stretch(topic, partition, from, notBehind),
        next: undefined,
        unprocessed: undefined,
        done: undefined,
        wasDone: new Set(),
      };
      this.places.set(name, place);
    }
    return place;
  }

  drawPlaces(dice: Dice): readonly TopicPartition[] {
    return dice.some(this.readable, dice.between(1, this.readable.length));
  }

  /** Where he was already he goes on; what is not among them any more begins anew when it comes back. */
  assign(places: readonly TopicPartition[]): void {
    this.note(`is assigned ${places.map(nameOf).join(", ")}`);
    this.consumer.assign(places);
    const names = new Set(places.map(nameOf));
    for (const [name, { stretch }] of this.places) {
      if (names.has(name)) continue;
      stretch.leave();
      this.places.delete(name);
      this.#paused.delete(name);
      this.#dropped.add(name);
    }
    for (const name of names) this.#dropped.delete(name);
    for (const place of places) this.placeOf(place);
  }

  /** It is what he is assigned, and was not taken away meanwhile. */
  isAt(place: Place): boolean {
    return this.places.get(nameOf(place)) === place;
  }

  pause(place: Place): void {
    this.note(`pauses ${nameOf(place)}`);
    this.consumer.pause(place);
    this.#paused.add(nameOf(place));
  }

  resume(): void {
    this.note("resumes");
    this.consumer.resume(...this.consumer.paused());
    this.#paused.clear();
  }

  /** From now on he reads there; undefined: who knows where. */
  goesOn(place: Place, from: number | undefined): void {
    place.stretch.leave();
    place.stretch = this.#stretch(place.topic, place.partition, from, undefined);
    place.next = undefined;
    place.unprocessed = undefined;
    for (const offset of place.done?.offsets ?? []) place.wasDone.add(offset);
    place.done = undefined;
  }

  seek(place: Place, offset: number): void {
    this.world.journal.note(this.client.clientId, `seeks ${offset} in ${place.topic}-${place.partition}`);
    this.consumer.seek(place, offset);
    this.goesOn(place, offset);
    place.next = offset;
    this.#log.processed(this, place, offset);
  }

  seekToBeginning(places: readonly Place[]): void {
    this.world.journal.note(this.client.clientId, `seeks the beginning of ${places.map(nameOf).join(", ")}`);
    this.consumer.seekToBeginning(...places);
    for (const place of places) this.goesOn(place, 0);
  }

  seekToEnd(place: Place): void {
    this.world.journal.note(this.client.clientId, `seeks the end of ${nameOf(place)}`);
    this.consumer.seekToEnd(place);
    this.goesOn(place, undefined);
    this.#log.processed(this, place, Number.POSITIVE_INFINITY);
  }

  /** He comes for more: what he has got is done with. */
  comes(): void {
    for (const place of this.places.values()) {
      place.unprocessed = undefined;
      if (place.next !== undefined) this.#log.processed(this, place, place.next);
    }
  }

  processed(place: Place, next: number): void {
    this.#log.processed(this, place, next);
  }

  processedSoFar(place: Place): number {
    return this.#log.processedOf(this, place);
  }

  /** Something was taken from its log. */
  isDisturbed(place: Place): boolean {
    return this.#disturbances(place) > 0;
  }

  /** A call has failed. Whoever is told that his position is none says where to go on. */
  failed(error: unknown): void {
    if (this.client.isClosing) return;
    if (!(error instanceof NoOffsetError || error instanceof OffsetOutOfRangeError || error instanceof LogTruncationError)) return;
    const assigned = this.consumer.assignment();
    if (assigned.length > 0) this.seekToBeginning(assigned.map((place) => this.placeOf(place)));
  }

  /** What he says his position is. */
  async position(place: TopicPartition): Promise<number | undefined> {
    const { topic, partition } = place;
    const limits = { timeoutMs: CALL_MS };
    const asked = { topic, partition };
    const { result } = await this.client.call("position", asked, limits, (consumer, options) => consumer.position(asked, options));
    return result;
  }

  /** Holds his position against what he was given. */
  async checkPosition(place: Place): Promise<void> {
    const { next, stretch } = place;
    if (next === undefined || this.#disturbances(place) > 0) return;
    const position = await this.position(place);
    if (position === undefined || place.stretch !== stretch || place.next !== next || this.#disturbances(place) > 0) return;
    if (position < next) this.world.violate(CLAIMED, `${stretch.place}: the position is ${position}, and ${next - 1} was given`);
    else if (position > next) this.#log.claims(this, place, { what: "the position", from: next, to: position });
  }

  /** On its way to the coordinator. */
  commits(topic: string, partition: number, offset: number): void {
    const place = this.places.get(`${topic}-${partition}`);
    if (place?.next === undefined || this.#disturbances(place) > 0) return;
    const { next, unprocessed, done, wasDone } = place;
    const allowed = this.#log.processedOf(this, place);
    if (offset <= allowed) return;
    // What was processed once is processed: it may be on its way when somebody seeks back.
    const claims = (from: number, except: ReadonlySet<number>): void =>
      this.#log.claims(this, place, {
        what: "a commit",
        from: Math.max(from, allowed),
        to: offset,
        except: new Set([...except, ...wasDone]),
      });
    if (unprocessed !== undefined && unprocessed >= allowed && offset > unprocessed && !wasDone.has(unprocessed)) {
      this.world.violate(CLAIMED, `${place.stretch.place}: ${offset} is committed, and ${unprocessed} is not processed`);
    } else if (done !== undefined) claims(done.from, done.offsets);
    else claims(Math.min(next, unprocessed ?? next), new Set());
  }

  checkKept(): void {
    for (const { record, text, key } of this.#kept) {
      const [now, keyNow] = [textOf(asBytes(record.value)), keyOf(record)];
      if (now === text && keyNow === key) continue;
      const where = `${this.client.clientId} in ${record.topic}-${record.partition} at ${record.offset}`;
      this.world.violate(KEPT, `${where}: ${keyNow} ${now.slice(0, 60)}, which was ${key} ${text.slice(0, 60)}`);
      return;
    }
  }

  async close(dice: Dice): Promise<void> {
    this.checkKept();
    if (!this.isInLoop) this.comes();
    const timeoutMs = dice.pick([0, 500, 3000, 10_000]);
    await this.client.close({ timeoutMs }, timeoutMs);
  }

  note(text: string): void {
    this.world.journal.note(this.client.clientId, text);
  }

  noteError(error: unknown): void {
    this.note(errorText(error));
  }

  #checkWanted(record: AnyRecord): void {
    const name = nameOf(record);
    if (!this.#dropped.has(name) && (this.isRunning || !this.#paused.has(name))) return;
    const what = this.#dropped.has(name) ? "is not assigned" : "is paused";
    this.world.violate(WANTED, `${this.client.clientId}: the record at ${record.offset} came, and ${name} ${what}`);
  }

  #keep(record: AnyRecord, text: string): void {
    const kept = { record, text, key: keyOf(record) };
    if (this.#kept.length < MOST_KEPT) this.#kept.push(kept);
    else this.#kept[this.#dice.integer(MOST_KEPT)] = kept;
  }

  #disturbances({ topic, partition }: TopicPartition): number {
    return this.#shelf.historyOf(topic, partition)?.count ?? 0;
  }

  /** Where reading begins that nobody has sought. */
  #start(topic: string, partition: number): { readonly from: number | undefined; readonly notBehind: number | undefined } {
    const isEarliest = this.options.autoOffsetReset === "earliest";
    if (this.groupId === undefined) return { from: isEarliest ? 0 : undefined, notBehind: undefined };
    const done = this.#log.processedOf(this, { topic, partition });
    if (!isEarliest) this.#log.processed(this, { topic, partition }, Number.POSITIVE_INFINITY);
    return { from: undefined, notBehind: isEarliest ? done : undefined };
  }

  #stretch(topic: string, partition: number, from: number | undefined, notBehind: number | undefined): Stretch {
    const { isCommitted, options } = this;
    const { clientId } = this.client;
    const stretch = new Stretch({ clientId, topic, partition, isCommitted, policy: options.autoOffsetReset, from, notBehind });
    this.#log.stretches.push(stretch);
    return stretch;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

function keyOf({ key }: AnyRecord): string | null {
  const bytes = asBytes(key);
  return bytes === null ? null : textOf(bytes);
}

function asBytes(value: unknown): Uint8Array | string | null {
  return typeof value === "string" || value instanceof Uint8Array ? value : null;
}
