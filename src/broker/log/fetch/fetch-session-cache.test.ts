import { beforeEach, describe, expect, it } from "vitest";
import { ZERO_UUID } from "../../../protocol/index.ts";
import { seededRandom } from "../../random.ts";
import { failedResult } from "./fetch-result.ts";
import { EVICTION_MS, FetchSessionCache } from "./fetch-session-cache.ts";

let cache: FetchSessionCache;

beforeEach(() => {
  cache = new FetchSessionCache(seededRandom(1), () => 2);
});

/** A session over so many partitions; its id, or undefined when there was no room. */
function create(partitions: number, nowMs: number, isPrivileged = false): number | undefined {
  const results = Array.from({ length: partitions }, (_, partition) => {
    const wanted = {
      topic: "t",
      topicId: ZERO_UUID,
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: 0,
      lastFetchedEpoch: -1,
      maxBytes: 1,
    };
    return failedResult(`${partition}/t`, wanted, "NONE");
  });
  return cache.create({ isPrivileged, usesTopicIds: false, nowMs, results })?.id;
}

function touch(id: number | undefined, nowMs: number): void {
  cache.get(id!)!.lastUsedMs = nowMs;
}

describe("the fetch sessions of a node", () => {
  it("have ids from chance, which are never 0", () => {
    const ids = [create(1, 0), create(1, 0)];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toBeGreaterThan(0);
  });

  it("keep new ones out while all are young and in use", () => {
    create(1, 0);
    create(1, 0);
    expect(create(100, EVICTION_MS)).toBeUndefined();
    expect(cache.size).toBe(2);
  });

  it("lose the one that was used longest ago, when that is long ago", () => {
    const [idle, used] = [create(9, 0), create(1, 0)];
    touch(used, 5);
    const id = create(1, EVICTION_MS + 1);
    expect([cache.get(idle!), cache.get(used!) !== undefined, id !== undefined]).toEqual([undefined, true, true]);
  });

  it("lose the smallest that is old enough, to one that is at least as large", () => {
    const [small, large] = [create(2, 0), create(5, 0)];
    const now = EVICTION_MS + 1;
    touch(small, now);
    touch(large, now);
    expect(create(1, now)).toBeUndefined();
    expect(create(3, now)).toBeDefined();
    expect([cache.get(small!), cache.get(large!) !== undefined]).toEqual([undefined, true]);
  });

  it("of consumers give way to brokers at any age, and not the other way round", () => {
    create(50, 0);
    create(50, 0);
    expect(create(1, 0, true)).toBeDefined();
    expect(create(1, 0, true)).toBeDefined();
    expect(create(99, 0)).toBeUndefined();
  });
});
