import { describe, expect, it } from "vitest";
import { checkGroup } from "./group-checker.ts";
import type { GroupHistory, MemberEvent, MemberLife, ObservedCommit, StoredCommit } from "./history.ts";

const PLACE = "orders-0";

/** A member's life, told one event a millisecond unless it is said when. */
class Life {
  readonly events: MemberEvent[] = [];
  readonly member: string;
  readonly lanes: number;
  readonly manner = "poll, async";
  #nowMs: number;

  constructor(member: string, { fromMs = 1, lanes = 1 } = {}) {
    this.member = member;
    this.lanes = lanes;
    this.#nowMs = fromMs;
  }

  assigned(): this {
    return this.#told({ kind: "assigned", atMs: this.#nowMs, partitions: [PLACE] });
  }

  taken(): this {
    return this.#told({ kind: "taken", atMs: this.#nowMs, partitions: [PLACE] });
  }

  handed(first: number, last: number = first): this {
    return this.#told({ kind: "handed", atMs: this.#nowMs, partition: PLACE, first, last });
  }

  done(first: number, last: number = first): this {
    return this.#told({ kind: "done", atMs: this.#nowMs, partition: PLACE, first, last });
  }

  acknowledged(offset: number): this {
    return this.#told({ kind: "acknowledged", atMs: this.#nowMs, partition: PLACE, offset });
  }

  wrong(what: string): this {
    return this.#told({ kind: "wrong", atMs: this.#nowMs, what });
  }

  waits(untilMs: number): this {
    this.#nowMs = untilMs;
    return this;
  }

  #told(event: MemberEvent): this {
    this.events.push(event);
    this.#nowMs += 1;
    return this;
  }
}

interface Planted {
  readonly written?: number;
  readonly lives: readonly MemberLife[];
  readonly commits?: readonly (readonly [offset: number, atMs: number])[];
  readonly observed?: readonly (readonly [offset: number, atMs: number])[];
}

function historyOf({ written = 10, lives, commits = [], observed = [] }: Planted): GroupHistory {
  const stored = commits.map(([offset, atMs]): StoredCommit => ({ offset, atMs }));
  const seen = observed.map(
    ([offset, atMs]): ObservedCommit => ({ partition: PLACE, offset, askedMs: atMs - 1, answeredMs: atMs }),
  );
  return { group: "group", written: new Map([[PLACE, written]]), lives, commits: new Map([[PLACE, stored]]), observed: seen };
}

function verdictOf(planted: Planted): readonly string[] {
  return checkGroup(historyOf(planted)).anomalies.told.map(({ kind, what }) => `${kind}: ${what}`);
}

/** Reads six of ten, commits four of them, and is killed. */
const killed = new Life("killed").assigned().handed(0, 5).done(0, 4);
/** What must be committed in the end. */
const END = [10, 200] as const;

describe("what is right", () => {
  it("the next owner goes on at what was committed: what comes again was not", () => {
    const next = new Life("next", { fromMs: 100 }).assigned().handed(4, 9).done(4, 9).waits(210).acknowledged(10);
    const verdict = checkGroup(
      historyOf({
        lives: [killed, next],
        commits: [[4, 4], END],
        observed: [
          [0, 2],
          [4, 50],
          [10, 300],
        ],
      }),
    );
    expect(verdict.anomalies.told).toEqual([]);
    expect(verdict).toMatchObject({ handed: 12, doubles: 2, ownerships: 2, commits: 2 });
  });

  it("a member that owns a partition anew goes on at what was committed, too", () => {
    const member = new Life("one").assigned().handed(0, 5).done(0, 3).taken().waits(50).assigned().handed(4, 9).done(4, 9);
    expect(verdictOf({ lives: [member], commits: [[4, 4], END] })).toEqual([]);
  });

  it("records of different lanes come in any order, those of a lane in their own", () => {
    const member = new Life("one", { lanes: 3 }).assigned().handed(1).handed(0).handed(3).handed(2).handed(4, 9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual([]);
  });

  it("an owner whose partition is taken away before all of its lanes have begun: another one hands out the rest of them", () => {
    const member = new Life("one", { lanes: 3 }).assigned().handed(1).handed(4).handed(2).done(1).done(4).taken();
    const next = new Life("next", { fromMs: 100 }).assigned().handed(0, 9).done(0, 9);
    expect(verdictOf({ lives: [member, next], commits: [END] })).toEqual([]);
  });

  it("a member that is told late that a partition is its own, and is handed nothing of it, disturbs nobody", () => {
    const owner = new Life("owner").assigned().handed(0, 4).waits(60).handed(5, 9).done(0, 9);
    expect(verdictOf({ lives: [owner, new Life("late", { fromMs: 50 }).assigned()], commits: [END] })).toEqual([]);
  });
});

describe("what is planted is found", () => {
  const reader = (): Life => new Life("reader").assigned().handed(0, 9).done(0, 9);

  it("lost: a record that nobody was handed", () => {
    expect(verdictOf({ written: 11, lives: [reader()], commits: [[11, 200]] })).toContain("lost: orders-0 10");
  });

  it("skipped: an owner that leaves out a record", () => {
    const member = new Life("reader").assigned().handed(0, 3).handed(5, 9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual([
      "skipped: reader: orders-0 5 to 9 after 0 to 3",
      "lost: orders-0 4",
    ]);
  });

  it("skipped: an owner that begins behind what was committed, though somebody has processed it", () => {
    const lives = [
      new Life("first").assigned().handed(0, 5).done(0, 5),
      new Life("next", { fromMs: 50 }).assigned().handed(6, 9).done(6, 9),
    ];
    expect(verdictOf({ lives, commits: [[4, 4], END] })).toEqual(["skipped: next began orders-0 at 6, and 4 was committed"]);
  });

  it("skipped: an owner that begins where a commit says, which came before the processing", () => {
    const lives = [killed, new Life("next", { fromMs: 100 }).assigned().handed(6, 9).done(6, 9)];
    expect(verdictOf({ lives, commits: [[6, 4], END] })).toEqual([
      "skipped: next began orders-0 at 6, and what is before it was not processed",
      "ahead: orders-0: 6 was committed before it was processed",
      "ahead: orders-0: 10 was committed before it was processed",
    ]);
  });

  it("doubled: one owner is handed a record twice", () => {
    const member = new Life("reader").assigned().handed(0, 5).handed(5, 9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual(["doubled: reader: orders-0 5 to 9 after 0 to 5"]);
  });

  it("doubled: in a lane", () => {
    const member = new Life("reader", { lanes: 3 }).assigned().handed(0).handed(1).handed(2).handed(0).handed(3, 9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual(["doubled: reader: orders-0 0 to 0 after 2 to 2"]);
  });

  it("skipped: the first of a lane", () => {
    const member = new Life("reader", { lanes: 3 }).assigned().handed(1).handed(0).handed(5).handed(3, 4).handed(6, 9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual([
      "lost: orders-0 2",
      "skipped: reader began orders-0 at 0, and left out what comes before 5",
    ]);
  });

  it("skipped: a lane begins too late, of an owner some of whose lanes have not begun", () => {
    const member = new Life("one", { lanes: 3 }).assigned().handed(4).done(4).taken();
    const next = new Life("next", { fromMs: 100 }).assigned().handed(0, 9).done(0, 9);
    const found = ["skipped: one began orders-0 at 4, and 0 was committed"];
    expect(verdictOf({ lives: [member, next], commits: [END] })).toEqual(found);
  });

  it("doubled-committed: the next owner begins before what was committed", () => {
    const lives = [killed, new Life("next", { fromMs: 100 }).assigned().handed(3, 9).done(3, 9)];
    const found = ["doubled-committed: next began orders-0 at 3, and 4 was committed before it was assigned"];
    expect(verdictOf({ lives, commits: [[4, 4], END] })).toEqual(found);
  });

  it("stale: a member that was stopped goes on with what another one owns by then", () => {
    const zombie = new Life("zombie").assigned().handed(0, 3).waits(150).handed(4).done(0, 4);
    const lives = [zombie, new Life("next", { fromMs: 100 }).assigned().handed(0, 9).done(0, 9)];
    expect(verdictOf({ lives, commits: [END] })).toEqual(["stale: zombie: orders-0 4 to 4, 50 ms after next was assigned it"]);
  });

  it("unowned: handed out before it is assigned, and after it was taken away", () => {
    const member = new Life("reader").handed(0).assigned().handed(0, 8).taken().handed(9).done(0, 9);
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual([
      "unowned: reader: orders-0 0 to 0",
      "unowned: reader: orders-0 9 to 9",
    ]);
  });

  it("rewound: an older commit after a newer one", () => {
    expect(verdictOf({ lives: [reader()], commits: [[8, 10], [6, 11], END] })).toEqual(["rewound: orders-0: 6 after 8"]);
  });

  it("ahead: committed before it was processed", () => {
    const found = ["ahead: orders-0: 10 was committed before it was processed"];
    expect(verdictOf({ lives: [reader()], commits: [[10, 2]] })).toEqual(found);
  });

  it("unstored: what a member was told is committed is not in the log, or only later", () => {
    const member = new Life("reader").assigned().handed(0, 9).done(0, 9).acknowledged(10);
    const found = ["unstored: reader: orders-0 10 was acknowledged, and 0 is stored"];
    expect(verdictOf({ lives: [member], commits: [END] })).toEqual(found);
  });

  it("observed-rewound, observed-unknown: what somebody is told who asks", () => {
    const observed = [
      [8, 20],
      [6, 21],
      [7, 22],
    ] as const;
    expect(verdictOf({ lives: [reader()], commits: [[6, 10], [8, 11], END], observed })).toEqual([
      "observed-rewound: orders-0: 6 after 8",
      "observed-unknown: orders-0: 7",
    ]);
  });

  it("unfinished: in the end something is not committed", () => {
    expect(verdictOf({ lives: [reader()], commits: [[9, 10]] })).toEqual(["unfinished: orders-0: 9 of 10"]);
  });

  it("invented: records, and commits, of what was never written", () => {
    const lives = [new Life("reader").assigned().handed(0, 10).done(0, 10)];
    expect(verdictOf({ lives, commits: [[11, 200]] })).toEqual([
      "invented: reader: orders-0 0 to 10",
      "invented: orders-0: 11 is committed, and 10 were written",
    ]);
  });

  it("wrong: what a member has noticed", () => {
    expect(verdictOf({ lives: [reader().wrong("another value")], commits: [END] })).toEqual(["wrong: reader: another value"]);
  });
});

describe("what is told of an anomaly", () => {
  it("is who had the partition, what he was handed and had done, and what was committed, in the order of time", () => {
    const zombie = new Life("zombie").assigned().handed(0).handed(1).done(0, 1).waits(150).handed(2);
    const next = new Life("next", { fromMs: 100 }).assigned().handed(0, 9).done(0, 9);
    const { anomalies, scenes } = checkGroup(historyOf({ lives: [zombie, next], commits: [END] }));
    expect(anomalies.told.map(({ what }) => scenes.get(what))).toEqual([
      [
        "orders-0 at 1970-01-01T00:00:00.150Z",
        "-149 ms zombie (poll, async) assigned",
        "-148 ms zombie (poll, async) handed 0 to 1, until -147 ms",
        "-146 ms zombie (poll, async) done 0 to 1",
        "-50 ms next (poll, async) assigned",
        "-49 ms next (poll, async) handed 0 to 9",
        "-48 ms next (poll, async) done 0 to 9",
        "+0 ms zombie (poll, async) handed 2 to 2",
        "+50 ms 10 is committed",
      ],
    ]);
  });
});
