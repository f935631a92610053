import { describe, expect, test } from "vitest";
import { WatchedTopics } from "./watched-topics.ts";

describe("watched topics", () => {
  test("that are held stay until everybody has let go of them", () => {
    const watched = new WatchedTopics();
    const first = watched.hold("t", 0);
    const second = watched.hold("t", 0);
    first();
    first();
    watched.dropIdle(1e9);
    expect(watched.has("t")).toBe(true);
    second();
    watched.dropIdle(1e9);
    expect(watched.has("t")).toBe(false);
  });

  test("that were needed in passing are dropped after five minutes without use", () => {
    const watched = new WatchedTopics();
    watched.use("t", 0);
    watched.use("u", 0);
    watched.use("t", 200_000);
    watched.dropIdle(300_000);
    expect([...watched.names]).toEqual(["t"]);
    watched.dropIdle(500_000);
    expect(watched.size).toBe(0);
  });

  test("are fresh from an answer on, for as long as the asker says", () => {
    const watched = new WatchedTopics();
    watched.use("t", 0);
    expect(watched.isFresh("t", 0)).toBe(false);
    watched.answered("t", 100);
    expect(watched.isFresh("t", 100)).toBe(true);
    expect(watched.isFresh("t", 101)).toBe(false);
  });
});
