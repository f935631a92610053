import { describe, expect, it } from "vitest";
import { NOBODY } from "./fetch-slot.ts";
import { nodeToAsk } from "./preferred-replica.ts";

const NODES = new Set([1, 2]);

describe("who is asked (KIP-392)", () => {
  it.each([
    ["the leader, when it has named nobody", 1, undefined, 1],
    ["the replica that it has named", 1, { nodeId: 2, untilMs: 100 }, 2],
    ["the leader again, when that is too long ago", 1, { nodeId: 2, untilMs: 50 }, 1],
    ["F21: the leader, when nobody knows the replica", 1, { nodeId: 3, untilMs: 100 }, 1],
    ["nobody, while nobody leads", NOBODY, { nodeId: 2, untilMs: 100 }, NOBODY],
  ])("is %s", (_, leaderId, preferred, expected) => {
    expect(nodeToAsk(leaderId, preferred, NODES, 50)).toBe(expected);
  });
});
