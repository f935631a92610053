import { describe, expect, it } from "vitest";
import { HeldClock } from "./held-clock.ts";

describe("a held clock", () => {
  it("stands still until it is told to go on", async () => {
    const clock = new HeldClock(1000);
    const fired: number[] = [];
    clock.schedule(10, () => fired.push(clock.now()));
    expect(clock.now()).toBe(1000);
    await clock.advance(9);
    expect(fired).toEqual([]);
    await clock.advance(1);
    expect(fired).toEqual([1010]);
  });

  it("fires what is due in the order of time, and of asking at equal times", async () => {
    const clock = new HeldClock(0);
    const fired: string[] = [];
    clock.schedule(20, () => fired.push("late"));
    clock.schedule(10, () => fired.push("first"));
    clock.schedule(10, () => fired.push("second"));
    await clock.advance(100);
    expect(fired).toEqual(["first", "second", "late"]);
    expect(clock.now()).toBe(100);
  });

  it("lets what a timer set off finish before the next one, timers within the span included", async () => {
    const clock = new HeldClock(0);
    const fired: string[] = [];
    clock.schedule(10, () => {
      void Promise.resolve().then(() => clock.schedule(5, () => fired.push(`chained at ${clock.now()}`)));
    });
    clock.schedule(20, () => fired.push(`other at ${clock.now()}`));
    await clock.advance(30);
    expect(fired).toEqual(["chained at 15", "other at 20"]);
  });

  it("shows whole milliseconds only, and fires at the first that is not too early", async () => {
    const clock = new HeldClock(0);
    const fired: number[] = [];
    clock.schedule(1.5, () => fired.push(clock.now()));
    clock.schedule(0.2, () => fired.push(clock.now()));
    await clock.advance(10);
    expect(fired).toEqual([1, 2]);
  });

  it("never fires what was cancelled, and counts what waits", async () => {
    const clock = new HeldClock(0);
    let fired = false;
    const timer = clock.schedule(1, () => {
      fired = true;
    });
    expect(clock.pendingTimers).toBe(1);
    timer.cancel();
    await clock.advance(10);
    expect(fired).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it("counts the time that has passed apart from the wall clock, which may jump", async () => {
    const clock = new HeldClock();
    await clock.advance(20);
    clock.jump(3_600_000);
    await clock.advance(5);
    clock.jump(-7_200_000);
    expect(clock.monotonic()).toBe(25);
  });

  it("keeps timers at their distance when the wall clock jumps, and still lets them be cancelled", async () => {
    const clock = new HeldClock(0);
    const fired: string[] = [];
    clock.schedule(10, () => fired.push("kept"));
    const cancelled = clock.schedule(10, () => fired.push("cancelled"));
    clock.jump(-3_600_000);
    cancelled.cancel();
    expect(clock.now()).toBe(-3_600_000);
    await clock.advance(10);
    expect(fired).toEqual(["kept"]);
  });

  it("runs until a condition holds, and says when it never will", async () => {
    const clock = new HeldClock(0);
    let ticks = 0;
    const tick = (): void => {
      if (++ticks < 5) clock.schedule(100, tick);
    };
    clock.schedule(100, tick);
    expect(await clock.runUntil(() => ticks === 3)).toBe(true);
    expect(clock.now()).toBe(300);
    expect(await clock.runUntil(() => ticks === 99)).toBe(false);
    expect(ticks).toBe(5);
  });
});
