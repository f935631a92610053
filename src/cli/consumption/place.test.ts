import { describe, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { placeFrom } from "./place.ts";
import { timeText } from "./time-text.ts";

const NOW = Date.UTC(2026, 4, 2);
const HOUR = 3_600_000;

describe("a place on the command line", () => {
  it.each([
    ["beginning", { kind: "beginning" }],
    ["end", { kind: "end" }],
    ["0", { kind: "offset", offset: 0 }],
    ["42", { kind: "offset", offset: 42 }],
    ["-10", { kind: "before the end", records: 10 }],
    ["@1700000000000", { kind: "time", timestampMs: 1_700_000_000_000 }],
    ["90s", { kind: "time", timestampMs: NOW - 90_000 }],
    ["15m", { kind: "time", timestampMs: NOW - HOUR / 4 }],
    ["6h", { kind: "time", timestampMs: NOW - 6 * HOUR }],
    ["2d", { kind: "time", timestampMs: NOW - 48 * HOUR }],
    ["999999999d", { kind: "time", timestampMs: 0 }],
    ["2026-05-01", { kind: "time", timestampMs: NOW - 24 * HOUR }],
    ["2026-05-01T12:00:00Z", { kind: "time", timestampMs: NOW - 12 * HOUR }],
    ["2026-05-01T12:00:00+02:00", { kind: "time", timestampMs: NOW - 14 * HOUR }],
  ])("%s is understood", (text, place) => {
    expect(placeFrom("--from", text, NOW)).toEqual(place);
  });

  it.each(["", "start", "1.5", "0x10", "1e3", "@", "@x", "15", "15 m", "-", "2026-13-01", "2026", "1969-01-01", "Infinity"])(
    "'%s' is a number or refused, never guessed",
    (text) => {
      const read = (): unknown => placeFrom("--until", text, NOW);
      if (text === "15" || text === "2026") expect(read()).toMatchObject({ kind: "offset" });
      else expect(read).toThrow(UsageError);
    },
  );

  it("an offset that no log could have is refused", () => {
    expect(() => placeFrom("--from", "99999999999999999999", NOW)).toThrow("there is no offset 99999999999999999999");
  });
});

describe("a time for people", () => {
  it("is one whatever a record has for a timestamp", () => {
    expect(timeText(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(timeText(-1)).toBe("no time");
    expect(timeText(Number.MAX_SAFE_INTEGER)).toBe("@9007199254740991");
  });
});
