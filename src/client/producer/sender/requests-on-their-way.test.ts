import { describe, expect, it } from "vitest";
import { RequestsOnTheirWay } from "./requests-on-their-way.ts";

describe("requests on their way", () => {
  it("are none at once when there is none", async () => {
    await expect(new RequestsOnTheirWay().none()).resolves.toBeUndefined();
  });

  it("are none for all who wait when the last is over, and not before", async () => {
    const requests = new RequestsOnTheirWay();
    const told: string[] = [];
    requests.sent();
    requests.sent();
    const first = requests.none().then(() => told.push("first"));
    requests.over();
    const second = requests.none().then(() => told.push("second"));
    await Promise.resolve();
    expect([requests.count, told]).toEqual([1, []]);
    requests.over();
    await Promise.all([first, second]);
    expect([requests.count, told]).toEqual([0, ["first", "second"]]);
  });
});
