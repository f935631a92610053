import { describe, expect, it } from "vitest";
import { HeldClock } from "../held-clock.ts";
import { Sweep } from "./sweep.ts";

describe("a sweep", () => {
  const started = 1000;

  function sweeping(next: () => number | undefined = () => undefined): { clock: HeldClock; sweep: Sweep; swept: number[] } {
    const clock = new HeldClock(started);
    const swept: number[] = [];
    const sweep = new Sweep(clock, {
      intervalMs: () => 100,
      run: () => {
        swept.push(clock.now() - started);
        return next();
      },
    });
    return { clock, sweep, swept };
  }

  it("takes place at a multiple of the interval after the beginning, at or after what is due", async () => {
    const { clock, sweep, swept } = sweeping();
    sweep.arm(started + 200);
    await clock.advance(1000);
    sweep.arm(started + 1201);
    await clock.advance(1000);
    expect(swept).toEqual([200, 1300]);
  });

  it("is still ahead when what is due is past", async () => {
    const { clock, sweep, swept } = sweeping();
    await clock.advance(250);
    sweep.arm(started);
    await clock.advance(100);
    expect(swept).toEqual([300]);
  });

  it("takes place once for all that is due, the earliest first", async () => {
    const { clock, sweep, swept } = sweeping();
    for (const due of [500, 150, 170, 900]) sweep.arm(started + due);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1000);
    expect(swept).toEqual([200]);
  });

  it("goes on when it says that there is more, and never without time passing", async () => {
    let left = 3;
    const { clock, sweep, swept } = sweeping(() => (--left > 0 ? started : undefined));
    sweep.arm(started);
    await clock.advance(1000);
    expect(swept).toEqual([100, 200, 300]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves nothing behind when it is closed, and is not armed again", () => {
    const { clock, sweep } = sweeping();
    sweep.arm(started + 1);
    sweep.close();
    sweep.arm(started + 1);
    expect(clock.pendingTimers).toBe(0);
  });
});
