// Holds what members of a group were handed, and what they committed, against what was written. Pure: a history in, a verdict out.

import { Anomalies } from "../../../support/records-checker/anomalies.ts";
import type { GroupAnomalyKind } from "./anomalies.ts";
import type { AcknowledgedEvent, GroupHistory, MemberLife, ObservedCommit, PartitionName, RecordsEvent } from "./history.ts";
import { Ownership } from "./ownership.ts";
import { PartitionStory } from "./partition-story.ts";
import { sceneAround } from "./scene.ts";

export interface GroupVerdict {
  readonly group: string;
  readonly anomalies: Anomalies<GroupAnomalyKind>;
  /** How many things were looked at; each anomaly is one of them that is not as it must be. */
  readonly facts: number;
  /** Records that were handed out, each once for each time. */
  readonly handed: number;
  /** How often a record came again that was not committed. */
  readonly doubles: number;
  /** How often a member was given a partition and handed records of it. */
  readonly ownerships: number;
  /** In the log. */
  readonly commits: number;
  /** What happened around an anomaly, line by line, by what is told of it. */
  readonly scenes: ReadonlyMap<string, readonly string[]>;
}

/** Where an anomaly is, and when. */
interface Spot {
  readonly partition: PartitionName;
  readonly atMs: number;
}

/**
 * Times of different members, and of brokers, are compared by the clock of one machine in whole milliseconds: what falls into the same
 * one counts as in order.
 */
export function checkGroup(history: GroupHistory): GroupVerdict {
  const check = new GroupCheck(history);
  for (const life of history.lives) check.follow(life);
  check.judge();
  return check.verdict();
}

class GroupCheck {
  readonly #history: GroupHistory;
  readonly #stories = new Map<PartitionName, PartitionStory>();
  readonly #anomalies = new Anomalies<GroupAnomalyKind>();
  readonly #spots = new Map<string, Spot>();
  readonly #acknowledged: { readonly member: string; readonly event: AcknowledgedEvent }[] = [];
  #facts = 0;
  #handed = 0;

  constructor(history: GroupHistory) {
    this.#history = history;
    for (const [name, written] of history.written) {
      this.#stories.set(name, new PartitionStory(name, written, history.commits.get(name) ?? []));
    }
  }

  follow(life: MemberLife): void {
    const owned = new Map<PartitionName, Ownership>();
    for (const event of life.events) {
      if (event.kind === "assigned") {
        for (const name of event.partitions) owned.set(name, this.#owner(life, name, event.atMs));
      } else if (event.kind === "taken") {
        for (const name of event.partitions) owned.delete(name);
      } else if (event.kind === "handed") this.#take(life, event, owned.get(event.partition));
      else if (event.kind === "done") this.#stories.get(event.partition)?.done(event.first, event.last, event.atMs);
      else if (event.kind === "acknowledged") this.#acknowledged.push({ member: life.member, event });
      else if (event.kind === "wrong") this.#anomaly("wrong", `${life.member}: ${event.what}`);
    }
  }

  judge(): void {
    for (const story of this.#stories.values()) {
      this.#checkRecords(story);
      for (const ownership of story.ownerships) this.#checkBeginning(story, ownership);
      this.#checkOverlaps(story);
      this.#checkCommits(story);
    }
    for (const { member, event } of this.#acknowledged) this.#checkAcknowledged(member, event);
    this.#checkObserved();
  }

  verdict(): GroupVerdict {
    const stories = [...this.#stories.values()];
    const sum = (numberOf: (story: PartitionStory) => number): number => stories.reduce((all, one) => all + numberOf(one), 0);
    return {
      group: this.#history.group,
      anomalies: this.#anomalies,
      facts: this.#facts,
      handed: this.#handed,
      doubles: sum(({ doubles }) => doubles),
      ownerships: sum(({ ownerships }) => ownerships.filter(({ beginning }) => beginning !== undefined).length),
      commits: sum(({ commits }) => commits.length),
      scenes: new Map([...this.#spots].map(([what, { partition, atMs }]) => [what, sceneAround(this.#history, partition, atMs)])),
    };
  }

  #owner(life: MemberLife, name: PartitionName, atMs: number): Ownership {
    const ownership = new Ownership(life, name, atMs);
    this.#stories.get(name)?.ownerships.push(ownership);
    return ownership;
  }

  #take({ member }: MemberLife, event: RecordsEvent, ownership: Ownership | undefined): void {
    const { partition, first, last } = event;
    const story = this.#stories.get(partition);
    const where = `${member}: ${partition} ${first} to ${last}`;
    this.#facts += last - first + 1;
    this.#handed += last - first + 1;
    if (story === undefined || last >= story.written) this.#anomaly("invented", where, event);
    story?.handed(first, last);
    if (ownership === undefined) this.#anomaly("unowned", where, event);
    const before = ownership?.deliveries.at(-1);
    const fault = ownership?.handed(event);
    if (fault !== undefined)
      this.#anomaly(fault === "again" ? "doubled" : "skipped", `${where} after ${before?.first} to ${before?.last}`, event);
  }

  #checkRecords(story: PartitionStory): void {
    const { partition, written, commits } = story;
    this.#facts += written + 1;
    for (const offset of story.missing()) this.#anomaly("lost", `${partition} ${offset}`);
    const end = commits.at(-1)?.offset ?? 0;
    if (end < written)
      this.#anomaly("unfinished", `${partition}: ${end} of ${written}`, { partition, atMs: commits.at(-1)?.atMs ?? 0 });
  }

  /** A new owner goes on where the group had committed last: behind it something is left out, before it something comes again. */
  #checkBeginning(story: PartitionStory, ownership: Ownership): void {
    const { member, partition, assignedMs, beginning, leftOut } = ownership;
    if (beginning === undefined) return;
    this.#facts += 2;
    const { first, atMs } = beginning;
    const { before } = story.committed(assignedMs);
    const { by } = story.committed(atMs);
    const where = `${member} began ${partition} at ${first}`;
    const skipped = (why: string): void => this.#anomaly("skipped", `${where}, and ${why}`, { partition, atMs });
    if (leftOut !== undefined) skipped(`left out what comes before ${leftOut}`);
    else if (ownership.hasLeftOut(by)) skipped(`${by} was committed`);
    else if (story.processedMs(ownership.beginningAfter(by)) > atMs) skipped("what is before it was not processed");
    if (first >= before) return;
    this.#anomaly("doubled-committed", `${where}, and ${before} was committed before it was assigned`, { partition, atMs });
  }

  /** From when the next member owns a partition, the one before must be handed nothing. */
  #checkOverlaps({ ownerships, partition }: PartitionStory): void {
    const used = ownerships
      .filter(({ beginning }) => beginning !== undefined)
      .sort((one, other) => one.assignedMs - other.assignedMs);
    for (const [index, earlier] of used.entries()) {
      this.#facts++;
      const later = used
        .slice(index + 1)
        .find(({ member, assignedMs }) => member !== earlier.member && assignedMs > earlier.assignedMs);
      const stale = later && earlier.firstAfter(later.assignedMs);
      if (stale === undefined) continue;
      const late = `${stale.atMs - later!.assignedMs} ms after ${later!.member} was assigned it`;
      this.#anomaly("stale", `${earlier.member}: ${partition} ${stale.first} to ${stale.last}, ${late}`, {
        partition,
        atMs: stale.atMs,
      });
    }
  }

  #checkCommits(story: PartitionStory): void {
    const { partition, commits, written } = story;
    let last = 0;
    for (const { offset, atMs } of commits) {
      const spot = { partition, atMs };
      this.#facts += 2;
      if (offset < last) this.#anomaly("rewound", `${partition}: ${offset} after ${last}`, spot);
      last = Math.max(last, offset);
      if (offset > written) this.#anomaly("invented", `${partition}: ${offset} is committed, and ${written} were written`, spot);
      else if (story.processedMs(offset) > atMs)
        this.#anomaly("ahead", `${partition}: ${offset} was committed before it was processed`, spot);
    }
  }

  #checkAcknowledged(member: string, event: AcknowledgedEvent): void {
    const { partition, offset, atMs } = event;
    this.#facts++;
    const stored = this.#stories.get(partition)?.committed(atMs).by ?? 0;
    if (stored >= offset) return;
    this.#anomaly("unstored", `${member}: ${partition} ${offset} was acknowledged, and ${stored} is stored`, event);
  }

  #checkObserved(): void {
    const last = new Map<PartitionName, ObservedCommit>();
    for (const observed of this.#history.observed) {
      const { partition, offset, answeredMs } = observed;
      this.#facts += 2;
      const before = last.get(partition)?.offset ?? 0;
      const spot = { partition, atMs: answeredMs };
      if (offset < before) this.#anomaly("observed-rewound", `${partition}: ${offset} after ${before}`, spot);
      const commits = this.#stories.get(partition)?.commits ?? [];
      const isKnown = offset === 0 || commits.some((commit) => commit.offset === offset && commit.atMs <= answeredMs);
      if (!isKnown) this.#anomaly("observed-unknown", `${partition}: ${offset}`, spot);
      last.set(partition, observed);
    }
  }

  #anomaly(kind: GroupAnomalyKind, what: string, spot?: Spot): void {
    this.#anomalies.add(kind, () => {
      if (spot !== undefined) this.#spots.set(what, spot);
      return what;
    });
  }
}
