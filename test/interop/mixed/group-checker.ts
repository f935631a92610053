// The judge of a group: from the journals of its members alone. Pure.

import type { Entry, Place } from "./journal.ts";

/** How a partition came to be free. */
type Ending = "revoked" | "lost" | "left" | "killed";

interface Handover {
  readonly from: string;
  readonly how: Ending;
}

export interface GroupVerdict {
  /** What must not be, in words; empty if all is well. */
  readonly problems: readonly string[];
  /** Records that were handled. */
  readonly handled: number;
  /** Of those, handled once more, none of them below what was committed. */
  readonly again: number;
  /** Those of them that somebody had let go of in peace, by that member: it could have committed them. */
  readonly againAfter: ReadonlyMap<string, number>;
  /** Partitions that were lost. */
  readonly lost: number;
  /** Of each partition, in the end. */
  readonly committed: readonly number[];
}

const MOST_PROBLEMS = 20;

class PartitionStory {
  owner: string | undefined;
  handover: Handover | undefined;
  /** What the owner reads next; undefined before its first record. */
  next: number | undefined;
  /** Everything before it was handled by somebody. */
  handledTo = 0;
  committedTo = 0;
  /** The same when it was asked last what is committed. */
  askedAt = 0;
}

/** How a group of so many partitions has done. The logs begin at 0 and end there. */
export function judge(entries: readonly Entry[], ends: readonly number[]): GroupVerdict {
  const judging = new Judging(ends.length);
  // Of one time: as they came.
  for (const entry of entries.toSorted((one, other) => one.at - other.at)) judging.take(entry);
  return judging.verdict(ends);
}

class Judging {
  readonly #partitions: readonly PartitionStory[];
  readonly #problems: string[] = [];
  readonly #againAfter = new Map<string, number>();
  #handled = 0;
  #again = 0;
  #lost = 0;

  constructor(count: number) {
    this.#partitions = Array.from({ length: count }, () => new PartitionStory());
  }

  take(entry: Entry): void {
    if (entry.what === "assigned") for (const partition of entry.partitions) this.#assigned(entry.member, partition);
    if (entry.what === "revoked" || entry.what === "lost") {
      for (const partition of entry.partitions) this.#released(entry.member, partition, entry.what);
    }
    if (entry.what === "left" || entry.what === "killed") this.#gone(entry.member, entry.what);
    if (entry.what === "read") for (const place of entry.records) this.#read(entry.member, place);
    if (entry.what === "committed") for (const place of entry.offsets) this.#committed(entry.member, place);
    if (entry.what === "asked") for (const story of this.#partitions) story.askedAt = story.committedTo;
    if (entry.what === "stored") for (const place of entry.offsets) this.#stored(place);
    if (entry.what === "failed") this.#problem(`${entry.member} has failed: ${entry.error}`);
  }

  verdict(ends: readonly number[]): GroupVerdict {
    for (const [partition, end] of ends.entries()) {
      const { handledTo } = this.#of(partition);
      if (handledTo !== end) this.#problem(`partition ${partition} was handled up to ${handledTo}, and ends at ${end}`);
    }
    const committed = this.#partitions.map(({ committedTo }) => committedTo);
    const figures = { handled: this.#handled, again: this.#again, lost: this.#lost, committed };
    return { problems: this.#problems, againAfter: this.#againAfter, ...figures };
  }

  #assigned(member: string, partition: number): void {
    const story = this.#of(partition);
    if (story.owner === member) return;
    if (story.owner !== undefined) this.#problem(`partition ${partition} is ${story.owner}'s, and was given to ${member}`);
    story.owner = member;
    story.next = undefined;
  }

  #released(member: string, partition: number, how: Ending): void {
    const story = this.#of(partition);
    if (how === "lost") this.#lost++;
    if (story.owner !== member) {
      // Who was thought dead comes too late.
      if (how !== "lost") this.#problem(`${member} gave up partition ${partition}, which it did not have`);
      return;
    }
    story.owner = undefined;
    story.handover = { from: member, how };
  }

  #gone(member: string, how: Ending): void {
    for (const [partition, { owner }] of this.#partitions.entries()) if (owner === member) this.#released(member, partition, how);
  }

  #read(member: string, [partition, offset]: Place): void {
    const story = this.#of(partition);
    const what = `${member} handled ${offset} of partition ${partition}`;
    if (story.owner !== member) this.#problem(`${what}, which is ${story.owner ?? "nobody"}'s`);
    if (story.next !== undefined && offset !== story.next) this.#problem(`${what}, not ${story.next}`);
    if (offset > story.handledTo) this.#problem(`${what}, and nobody ${story.handledTo}: skipped`);
    if (offset < story.committedTo) this.#problem(`${what}, although ${story.committedTo} was committed: doubled`);
    if (offset < story.handledTo) this.#repeated(story);
    this.#handled++;
    story.next = offset + 1;
    story.handledTo = Math.max(story.handledTo, offset + 1);
  }

  #repeated({ handover }: PartitionStory): void {
    this.#again++;
    if (handover === undefined || handover.how === "killed" || handover.how === "lost") return;
    this.#againAfter.set(handover.from, (this.#againAfter.get(handover.from) ?? 0) + 1);
  }

  #committed(who: string, [partition, offset]: Place): void {
    const story = this.#of(partition);
    const what = `${who} committed ${offset} of partition ${partition}`;
    // As long as nobody else has it, the word may come late that it is committed.
    if (story.owner !== undefined && story.owner !== who) this.#problem(`${what}, which is ${story.owner}'s`);
    if (offset < story.committedTo) this.#problem(`${what} behind ${story.committedTo}: rewound`);
    this.#raise(story, offset, what);
  }

  #stored([partition, offset]: Place): void {
    const story = this.#of(partition);
    const what = `${offset} of partition ${partition} was committed`;
    if (offset < story.askedAt) this.#problem(`${what} behind ${story.askedAt}: rewound`);
    this.#raise(story, offset, what);
  }

  #raise(story: PartitionStory, offset: number, what: string): void {
    if (offset > story.handledTo) this.#problem(`${what}, which is handled up to ${story.handledTo} only`);
    story.committedTo = Math.max(story.committedTo, offset);
  }

  #of(partition: number): PartitionStory {
    const story = this.#partitions[partition];
    if (story === undefined) throw new Error(`there is no partition ${partition}`);
    return story;
  }

  #problem(what: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(what);
  }
}
