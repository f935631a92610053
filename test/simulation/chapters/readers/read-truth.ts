// What readers were given, held against the logs when everything is over.

import { nodeCodecs } from "../../../../src/client/index.ts";
import { readBatches } from "../../../../src/protocol/index.ts";
import type { World } from "../../world/world.ts";
import { AbortedBatches } from "../producers/aborted-batches.ts";
import { fetchLog, type LogPlace } from "../producers/fetched-log.ts";

import type { LogHistory } from "./log-history.ts";
import { textOf } from "./shelf.ts";
import type { Claim, Seen, Stretch } from "./trail.ts";

export const EXACT = "between two seeks nothing is skipped, doubled, put in another order, or not from the log";
export const CLAIMED = "no position and no commit is beyond what was handed out, or processed";
/** At the beginning of the texts of records that are meant to be aborted. */
export const DOOMED = "doomed";
/** Those of whom it is only known in the end whether they were committed. */
export const HOPEFUL = "hopeful";

interface FinalRecord {
  readonly offset: number;
  readonly text: string;
  readonly isCommitted: boolean;
}

/** A log as it is in the end. */
export async function finalLog(world: World, topic: string, partition: number): Promise<readonly FinalRecord[]> {
  const place = placeInWorld(world, topic, partition);
  if (place === undefined) return [];
  const found = await fetchLog(world, place);
  const aborted = new AbortedBatches(found);
  const all: FinalRecord[] = [];
  for (const batch of readBatches(found.records ?? new Uint8Array(), { codecs: nodeCodecs })) {
    const isCommitted = !aborted.has(batch) && batch.lastOffset < Number(found.lastStableOffset);
    if (batch.isControl) continue;
    for (const { offset, value } of batch.records()) all.push({ offset, text: textOf(value), isCommitted });
  }
  return all;
}

/** Where its first record is; undefined when there is none. */
export function placeInWorld({ broker }: World, topic: string, partition: number): LogPlace | undefined {
  const node = broker.topics.find(({ name }) => name === topic)?.partitions[partition]?.leaderId;
  const from = node === undefined ? undefined : broker.records(topic, partition)[0]?.offset;
  return node === undefined || from === undefined ? undefined : { topic, partition, node, from };
}

/** What of one log readers had to see. */
export class ReadTruth {
  readonly #records: readonly FinalRecord[];
  readonly #history: LogHistory | undefined;
  readonly #detectsCuts: boolean;
  readonly #isCommitted: ReadonlyMap<string, boolean>;

  constructor(records: readonly FinalRecord[], history: LogHistory | undefined, detectsCuts: boolean) {
    this.#records = records;
    this.#history = history !== undefined && history.count > 0 ? history : undefined;
    this.#detectsCuts = detectsCuts;
    this.#isCommitted = new Map(records.map(({ offset, text, isCommitted }) => [`${offset} ${text}`, isCommitted]));
  }

  /** What is wrong with it; undefined for nothing. */
  faultOf(stretch: Stretch): string | undefined {
    const { to = Number.POSITIVE_INFINITY, isByKey } = stretch;
    const seen = stretch.seen.filter(({ offset }) => offset < to);
    if (isByKey) seen.sort((one, other) => one.offset - other.offset);
    const history = this.#history;
    return history === undefined ? this.#plainFault(stretch, seen) : new DisturbedReading(stretch, history, this).fault(seen);
  }

  faultOfClaim({ from, to, isCommitted, except }: Claim): string | undefined {
    if (this.#history !== undefined) return undefined;
    const left = this.#visible(isCommitted, from, to).find(({ offset }) => !except.has(offset));
    return left && `the record at ${left.offset} (${left.text}) had not been given, or was not processed`;
  }

  /** Whether a reader must have been given that record, if he went past it. */
  isDue(isCommitted: boolean, offset: number, text: string): boolean {
    if (!isCommitted) return true;
    const isOfTransaction = text.startsWith(DOOMED) || text.startsWith(HOPEFUL);
    // Its marker may have gone with the end of the log: it was aborted then, and another marker speaks for it now.
    if (isOfTransaction && this.#history?.outlivedCut(offset) === true) return false;
    return this.#isCommitted.get(`${offset} ${text}`) ?? !isOfTransaction;
  }

  get detectsCuts(): boolean {
    return this.#detectsCuts;
  }

  #plainFault(stretch: Stretch, seen: readonly Seen[]): string | undefined {
    const { isCommitted, from = seen[0]?.offset, notBehind } = stretch.init;
    const first = seen[0];
    const last = seen.at(-1);
    if (stretch.hasGaps) return this.#gappyFault(stretch, seen);
    if (from === undefined) return undefined;
    if (notBehind !== undefined && first !== undefined && first.offset > notBehind) {
      // Whoever was before may have gone past what was aborted.
      const [left] = this.#visible(true, notBehind, first.offset);
      if (left !== undefined)
        return `begins at ${first.offset}, although the record at ${left.offset} was not processed by its group`;
    }
    const due = this.#visible(isCommitted, from, stretch.to ?? (last === undefined ? from : last.offset + 1));
    for (let index = 0; index < Math.max(due.length, seen.length); index++) {
      const [wanted, got] = [due[index], seen[index]];
      if (wanted?.offset === got?.offset && wanted?.text === got?.text) continue;
      return `from ${from} to ${stretch.to ?? "?"}, as number ${index} came ${nameOf(got)}, and should have come ${nameOf(wanted)}`;
    }
    return undefined;
  }

  /** Nothing is there twice, or from elsewhere. */
  #gappyFault({ init: { isCommitted, from = 0 } }: Stretch, seen: readonly Seen[]): string | undefined {
    const due = new Map(this.#visible(isCommitted, from, Number.POSITIVE_INFINITY).map(({ offset, text }) => [offset, text]));
    for (const one of seen) {
      if (due.get(one.offset) !== one.text) return `from ${from}, by keys, came ${nameOf(one)}, which is not there, or came before`;
      due.delete(one.offset);
    }
    return undefined;
  }

  /** All records are there in the order of their offsets. */
  #visible(isCommitted: boolean, from: number, to: number): readonly FinalRecord[] {
    return this.#records.filter((record) => record.offset >= from && record.offset < to && (!isCommitted || record.isCommitted));
  }
}

function isBehind(one: Seen, before: Seen | undefined): boolean {
  return before !== undefined && one.offset <= before.offset;
}

/** Of a log from which something was taken. */
class DisturbedReading {
  readonly #stretch: Stretch;
  readonly #history: LogHistory;
  readonly #truth: ReadTruth;
  /** How often an offset was seen. */
  readonly #times = new Map<number, number>();
  #backwards = 0;

  constructor(stretch: Stretch, history: LogHistory, truth: ReadTruth) {
    this.#stretch = stretch;
    this.#history = history;
    this.#truth = truth;
  }

  fault(seen: readonly Seen[]): string | undefined {
    // By keys they come sorted, those from before and after a cut side by side.
    const mostDisturbances = Math.max(0, ...seen.map(({ disturbances }) => disturbances));
    let before: Seen | undefined;
    for (const one of seen) {
      const versions = this.#versionsWith(one);
      if (versions.length === 0) return `${nameOf(one)} was never in the log`;
      this.#backwards = this.#stretch.isByKey ? this.#timesBefore(one) : this.#backwards + Number(isBehind(one, before));
      if (this.#backwards > (this.#stretch.isByKey ? mostDisturbances : one.disturbances))
        return `${nameOf(one)} came after ${nameOf(before)}, for the ${this.#backwards}th time`;
      // By keys, what was in the log before it was cut and what came instead are given in no order that could be told.
      const isInOrder = !this.#stretch.hasGaps && !this.#stretch.isByKey;
      if (isInOrder && !this.#mayFollow(before, one, versions)) {
        return `${nameOf(one)} came after ${nameOf(before)}, from ${this.#stretch.init.from ?? "?"} on, disturbed by ${JSON.stringify(this.#history.disturbances)}`;
      }
      before = one;
    }
    return undefined;
  }

  #timesBefore({ offset }: Seen): number {
    const times = this.#times.get(offset) ?? 0;
    this.#times.set(offset, times + 1);
    return times;
  }

  #versionsWith({ offset, text, disturbances }: Seen): readonly number[] {
    const all = Array.from({ length: disturbances + 1 }, (_, index) => index);
    return all.filter((index) => this.#history.version(index).get(offset) === text);
  }

  #mayFollow(before: Seen | undefined, one: Seen, versions: readonly number[]): boolean {
    const { from } = this.#stretch.init;
    const position = before === undefined ? from : before.offset + 1;
    if (position === undefined || (!this.#truth.detectsCuts && one.disturbances > 0)) return true;
    const isSame = (version: number): boolean =>
      before === undefined || this.#history.version(version).get(before.offset) === before.text;
    if (versions.some((version) => isSame(version) && this.#isNext(position, one, version))) return true;
    return this.#jumps(position, one.disturbances, before !== undefined && this.#truth.detectsCuts).some(
      (to) => to === "anywhere" || versions.some((version) => this.#isNext(to, one, version)),
    );
  }

  /**
   * Where a reader may go on who is there, after what has become of the log.
   *
   * @param hasEpoch it is known of which leader the record before was (KIP-320): then he goes on where the logs part, or has to be told
   */
  #jumps(position: number, disturbances: number, hasEpoch: boolean): readonly (number | "anywhere")[] {
    const { policy } = this.#stretch.init;
    const places: number[] = [position];
    const jumps = new Set<number | "anywhere">();
    for (const { kind, offset } of this.#history.disturbances.slice(0, disturbances)) {
      const isHit = kind === "cut" ? places.some((place) => place > offset) : places.some((place) => place < offset);
      if (!isHit) continue;
      if (kind === "cut" && hasEpoch) {
        if (policy === "none") continue;
        places.push(offset);
        jumps.add(offset);
        continue;
      }
      places.push(offset);
      jumps.add(offset);
      // A position without an epoch is not found out until it is out of range.
      if (policy === "earliest") jumps.add(0);
      if (policy === "latest") jumps.add("anywhere");
    }
    return [...jumps];
  }

  /** Nothing lies between that had to be given. */
  #isNext(position: number, { offset, disturbances }: Seen, version: number): boolean {
    if (offset < position) return false;
    const { isCommitted } = this.#stretch.init;
    const done = this.#history.disturbances.slice(0, disturbances);
    const start = Math.max(0, ...done.filter(({ kind }) => kind === "deleted").map((one) => one.offset));
    const log = this.#history.version(version);
    for (let between = Math.max(position, start); between < offset; between++) {
      const text = log.get(between);
      if (text !== undefined && this.#truth.isDue(isCommitted, between, text)) return false;
    }
    return true;
  }
}

function nameOf(record: { readonly offset: number; readonly text: string } | undefined): string {
  return record === undefined ? "nothing" : `${record.offset} (${record.text.slice(0, 60)})`;
}
