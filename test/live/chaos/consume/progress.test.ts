import { describe, expect, it } from "vitest";
import { Progress } from "./progress.ts";

const PLACE = { topic: "orders", partition: 0 };
const LANES = 3;

function dueIn(progress: Progress): number | undefined {
  return progress.due([PLACE])[0]?.offset;
}

describe("what a member may commit", () => {
  it("in order it is what follows the last record that is done, and nothing before that", () => {
    const progress = new Progress(1);
    progress.handed(PLACE, 5);
    expect([dueIn(progress), progress.isVague([PLACE])]).toEqual([undefined, false]);
    progress.done(PLACE, 5, 7);
    expect(dueIn(progress)).toBe(8);
    progress.committed([{ ...PLACE, offset: 8 }]);
    expect(dueIn(progress)).toBeUndefined();
  });

  it("by lanes nothing is due until each has begun: the last one may have the lowest offset", () => {
    const progress = new Progress(LANES);
    progress.handed(PLACE, 6);
    progress.done(PLACE, 6, 6);
    progress.handed(PLACE, 7);
    progress.done(PLACE, 7, 7);
    expect([dueIn(progress), progress.isVague([PLACE])]).toEqual([undefined, true]);
    progress.handed(PLACE, 5);
    expect([dueIn(progress), progress.isVague([PLACE])]).toEqual([undefined, false]);
    progress.done(PLACE, 5, 5);
    expect(dueIn(progress)).toBe(8);
  });

  it("by lanes it is what follows the last record before which all are done", () => {
    const progress = new Progress(LANES);
    for (const offset of [1, 4, 0, 2]) progress.handed(PLACE, offset);
    for (const offset of [1, 4, 0]) progress.done(PLACE, offset, offset);
    expect(dueIn(progress)).toBe(2);
    progress.done(PLACE, 2, 2);
    expect(dueIn(progress)).toBe(3);
  });

  it("what was done in an ownership that is over says nothing in the next one", () => {
    const progress = new Progress(1);
    progress.handed(PLACE, 0);
    progress.forget([PLACE]);
    progress.done(PLACE, 0, 0);
    expect([dueIn(progress), progress.isVague([PLACE])]).toEqual([undefined, false]);
  });
});
