import { expect, it } from "vitest";
import { HeldClock } from "../../broker/held-clock.ts";
import { CoarseTimer } from "./coarse-timer.ts";

/** A timer for deadlines of which the earliest that is left counts, and when it fired. */
function stage(): { clock: HeldClock; timer: CoarseTimer; left: Set<number>; fired: number[] } {
  const clock = new HeldClock();
  const left = new Set<number>();
  const fired: number[] = [];
  const timer = new CoarseTimer(clock, () => {
    fired.push(clock.monotonic());
    for (const due of left) if (due <= clock.monotonic()) left.delete(due);
    return Math.min(...left);
  });
  return { clock, timer, left, fired };
}

it("fires for the earliest deadline, then for the next, with one timer", async () => {
  const { clock, timer, left, fired } = stage();
  for (const due of [300, 100, 200]) {
    left.add(due);
    timer.by(due);
  }
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(1000);
  expect(fired).toEqual([100, 200, 300]);
  expect(clock.pendingTimers).toBe(0);
});

it("is left alone when a deadline was met, and finds out by itself", async () => {
  const { clock, timer, left, fired } = stage();
  for (const due of [100, 500]) {
    left.add(due);
    timer.by(due);
  }
  left.delete(100);
  await clock.advance(1000);
  expect(fired).toEqual([100, 500]);
});

it("that is cancelled does not fire, and may be used again", async () => {
  const { clock, timer, fired } = stage();
  timer.by(100);
  timer.cancel();
  await clock.advance(200);
  expect(fired).toEqual([]);
  timer.by(250);
  await clock.advance(100);
  expect(fired).toEqual([250]);
});

it("fires at once for what is over already, and not within the call", async () => {
  const { clock, timer, fired } = stage();
  await clock.advance(50);
  timer.by(10);
  expect(fired).toEqual([]);
  await clock.advance(0);
  expect(fired).toEqual([50]);
});

it("counts time that passes: the wall clock may jump", async () => {
  const { clock, timer, fired } = stage();
  timer.by(100);
  clock.jump(-3_600_000);
  await clock.advance(99);
  clock.jump(7_200_000);
  expect(fired).toEqual([]);
  await clock.advance(1);
  expect(fired).toEqual([100]);
});
