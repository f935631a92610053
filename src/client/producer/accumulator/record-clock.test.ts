import { beforeEach, describe, expect, it } from "vitest";
import { RecordClock } from "./record-clock.ts";

describe("the clock of records", () => {
  let nowMs = 0;
  let asked = 0;
  let endsOfTurn: (() => void)[] = [];
  let clock: RecordClock;

  const records = (count: number): number[] => Array.from({ length: count }, () => clock.now());
  const endTurn = (): void => {
    for (const run of endsOfTurn.splice(0)) run();
  };

  beforeEach(() => {
    nowMs = 1000;
    asked = 0;
    endsOfTurn = [];
    clock = new RecordClock({
      now: () => {
        asked++;
        return nowMs;
      },
      afterTurn: (run) => endsOfTurn.push(run),
    });
  });

  it("asks the time for every record while each has a millisecond of its own", () => {
    for (let record = 0; record < 20; record++) {
      expect(clock.now()).toBe(nowMs);
      nowMs++;
    }
    expect(asked).toBe(20);
    expect(endsOfTurn).toHaveLength(0);
  });

  it("lets seven more records have the time that two in a row have had, and asks again for the eighth", () => {
    expect(records(2)).toEqual([1000, 1000]);
    nowMs = 1005;
    expect(records(7)).toEqual(Array.from({ length: 7 }, () => 1000));
    expect(asked).toBe(2);
    expect(records(2)).toEqual([1005, 1005]);
    expect(asked).toBe(4);
  });

  it("asks an eighth as often in a loop that sends without a pause", () => {
    expect(new Set(records(1 + 8 * 100))).toEqual(new Set([1000]));
    expect(asked).toBe(101);
  });

  it("asks for the first record of the next turn of the event loop, and does not rely on a single answer there", () => {
    records(4);
    endTurn();
    nowMs = 60_000;
    expect(clock.now()).toBe(60_000);
    nowMs = 60_001;
    expect(clock.now()).toBe(60_001);
  });

  it("follows a clock that was set back, from the next turn on at the latest", () => {
    records(3);
    nowMs = 10;
    endTurn();
    expect(records(3)).toEqual([10, 10, 10]);
  });

  it("asks for one call back per turn, however many records there are", () => {
    records(100);
    expect(endsOfTurn).toHaveLength(1);
    endTurn();
    records(100);
    expect(endsOfTurn).toHaveLength(1);
  });
});
