import { describe, expect, it } from "vitest";
import { HeldClock } from "../../broker/held-clock.ts";
import { Deadline } from "../async/deadline.ts";
import { Goodbye } from "./goodbye.ts";

describe("a goodbye", () => {
  it("is over for all who wait for it when it is heard, who left twice as well, and leaves no timer", async () => {
    const clock = new HeldClock();
    const goodbye = new Goodbye();
    const [first, second] = [
      goodbye.say(new Deadline(clock, 60_000), () => true),
      goodbye.say(new Deadline(clock, 30_000), () => true),
    ];
    goodbye.heard();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is over at once where nothing has to be waited for, and else at the deadline", async () => {
    const clock = new HeldClock();
    const goodbye = new Goodbye();
    expect(await goodbye.say(new Deadline(clock, 60_000), () => false)).toBe(false);
    const unheard = goodbye.say(new Deadline(clock, 500), () => true);
    await clock.advance(500);
    expect(await unheard).toBe(true);
  });
});
