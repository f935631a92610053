import { describe, expect, it, vi } from "vitest";
import { collectGarbage } from "../../../test/support/collect-garbage.ts";
import { HeldClock } from "../../broker/held-clock.ts";
import { Deadline, systemSchedule } from "./deadline.ts";

const never = (): Promise<never> => new Promise(() => undefined);
const late = (): Error => new Error("late");
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe("a deadline", () => {
  it("counts time that passes: the wall clock may jump either way", async () => {
    const clock = new HeldClock();
    const deadline = new Deadline(clock, 1000);
    clock.jump(86_400_000);
    expect([deadline.leftMs, deadline.isOver]).toEqual([1000, false]);
    clock.jump(-172_800_000);
    await clock.advance(1500);
    expect([deadline.leftMs, deadline.isOver]).toEqual([0, true]);
  });

  it("within another is never later than that, and has the same signal", async () => {
    const clock = new HeldClock();
    const { signal } = new AbortController();
    const outer = new Deadline(clock, 1000, signal);
    await clock.advance(400);
    expect([outer.within(5000).leftMs, outer.within(100).leftMs]).toEqual([600, 100]);
    expect(outer.within(100).signal).toBe(signal);
  });

  it("is over when the caller has given up", () => {
    const deadline = new Deadline(new HeldClock(), 1000, AbortSignal.abort(new Error("enough")));
    expect(deadline.isOver).toBe(true);
    expect(() => deadline.throwIfAborted()).toThrow("enough");
  });
});

describe("racing a promise", () => {
  it("gives what the promise gives, and leaves no timer", async () => {
    const clock = new HeldClock();
    const deadline = new Deadline(clock, 1000);
    expect(await deadline.race(Promise.resolve(1), late)).toBe(1);
    expect(await caught(deadline.race(Promise.reject(new Error("broken")), late))).toMatchObject({ message: "broken" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends at the deadline with the error that is made then", async () => {
    const clock = new HeldClock();
    const racing = caught(new Deadline(clock, 1000).race(never(), late));
    await clock.advance(1000);
    expect(await racing).toMatchObject({ message: "late" });
  });

  it("ends with the caller's reason, and leaves neither timer nor listener", async () => {
    const clock = new HeldClock();
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const deadline = new Deadline(clock, 1000, controller.signal);
    await deadline.race(Promise.resolve(), late);
    expect(remove).toHaveBeenCalledTimes(1);
    const racing = caught(deadline.race(never(), late));
    controller.abort(new Error("enough"));
    expect(await racing).toMatchObject({ message: "enough" });
    expect(clock.pendingTimers).toBe(0);
    expect(await caught(deadline.race(Promise.reject(new Error("unheard")), late))).toMatchObject({ message: "enough" });
  });

  it("is forgotten when it is over, however long the promise stays pending", async () => {
    const pending = never();
    const clock = new HeldClock();
    const lostRace = async (): Promise<WeakRef<object>> => {
      const caller = { name: "all that the caller has in hand" };
      const racing = new Deadline(clock, 1000).race(pending, () => new Error(caller.name));
      const outcome = caught(racing.finally(() => caller));
      await clock.advance(1000);
      expect(await outcome).toMatchObject({ message: caller.name });
      return new WeakRef(caller);
    };
    const caller = await lostRace();
    await collectGarbage();
    expect(caller.deref()).toBeUndefined();
    await expect(Promise.race([pending, Promise.resolve("still pending")])).resolves.toBe("still pending");
  });

  it("needs no timer without end", async () => {
    const clock = new HeldClock();
    const racing = new Deadline(clock, Number.POSITIVE_INFINITY).race(Promise.resolve(1), late);
    expect(clock.pendingTimers).toBe(0);
    expect(await racing).toBe(1);
  });
});

describe("sleeping", () => {
  it("takes as long as it should, or to the deadline", async () => {
    const clock = new HeldClock();
    const deadline = new Deadline(clock, 1000);
    const woken: number[] = [];
    for (const ms of [300, 5000]) void deadline.sleep(ms).then(() => woken.push(clock.monotonic()));
    await clock.advance(10_000);
    expect(woken).toEqual([300, 1000]);
  });

  it("ends when the caller gives up, and leaves no timer", async () => {
    const clock = new HeldClock();
    const controller = new AbortController();
    const deadline = new Deadline(clock, 1000, controller.signal);
    const sleeping = caught(deadline.sleep(500));
    controller.abort(new Error("enough"));
    expect(await sleeping).toMatchObject({ message: "enough" });
    expect(await caught(deadline.sleep(500))).toMatchObject({ message: "enough" });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("the machine's timers", () => {
  it("wait longer than Node's reach, take a negative delay for none, and can be cancelled", () => {
    vi.useFakeTimers();
    try {
      const month = 31 * 86_400_000;
      const [run, cancelled, now] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
      systemSchedule(month, run);
      systemSchedule(1000, cancelled).cancel();
      systemSchedule(-5, now);
      vi.advanceTimersByTime(2);
      expect(now).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(month - 3);
      expect(run).not.toHaveBeenCalled();
      // Its millisecond, and the turn in which sockets are read.
      vi.advanceTimersByTime(2);
      expect(run).toHaveBeenCalledTimes(1);
      expect(cancelled).not.toHaveBeenCalled();
      const cancelledWhenDue = vi.fn<() => void>();
      systemSchedule(5, () => timer.cancel());
      const timer = systemSchedule(5, cancelledWhenDue);
      vi.advanceTimersByTime(10);
      expect(cancelledWhenDue).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });
});
