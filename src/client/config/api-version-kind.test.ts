import { describe, expect, it } from "vitest";
import { apiVersionKind } from "./api-version-kind.ts";

describe("apiVersion", () => {
  it.each([
    ["auto", "auto"],
    ["2.8", "2.8"],
    ["2.8.1", "2.8"],
    ["0.11.0.3", "0.11"],
    [[2, 8], "2.8"],
    [[2, 8, 0], "2.8"],
    [[0, 11, 0, 3], "0.11"],
    [[4, 4, 0], "4.4"],
  ])("%j is %s", (given, release) => {
    expect(apiVersionKind.read(given)).toEqual({ value: release });
  });

  it.each(["", "2", "2.9", "0.10", "v2.8", "2.8.x", 2.8, [2], [2, "8"], [2, 8.5], [0, 10, 2], [], null, {}])(
    "%j is none",
    (given) => {
      expect(apiVersionKind.read(given)).toEqual({
        problem: expect.stringMatching(/^must be 'auto' or a release of Kafka from 0\.11 to 4\.4, not /),
      });
    },
  );
});
