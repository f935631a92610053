import { expect, it, vi } from "vitest";
import { HeldClock } from "../../broker/held-clock.ts";
import { Deadline } from "../async/deadline.ts";
import { Pauses } from "./pauses.ts";

it("ends in time, at the deadline, with the caller or with the client, and leaves neither timers nor listeners", async () => {
  const clock = new HeldClock();
  const pauses = new Pauses(clock);
  const controller = new AbortController();
  const add = vi.spyOn(controller.signal, "addEventListener");
  const ends: string[] = [];
  const wait = (name: string, ms: number, deadline?: Deadline): void => {
    pauses.wait(ms, deadline).then(
      () => ends.push(`${name} ${clock.monotonic()}`),
      (error: unknown) => ends.push(`${name} ${String(error)}`),
    );
  };
  wait("short", 100);
  wait("cut", 1000, new Deadline(clock, 300, controller.signal));
  // So many of one call's requests may wait at the same time; Node warns of a leak at the eleventh listener.
  for (let i = 0; i < 20; i++) wait("given up", 1000, new Deadline(clock, 5000, controller.signal));
  wait("closed", 1000);
  await clock.advance(400);
  expect(ends).toEqual(["short 100", "cut 300"]);
  expect(add).toHaveBeenCalledTimes(1);
  controller.abort(new Error("enough"));
  pauses.close(new Error("the client is closed"));
  wait("late", 1000);
  await clock.advance(0);
  expect(ends.slice(2)).toEqual([
    ...Array.from({ length: 20 }, () => "given up Error: enough"),
    "closed Error: the client is closed",
    "late Error: the client is closed",
  ]);
  expect(clock.pendingTimers).toBe(0);
});
