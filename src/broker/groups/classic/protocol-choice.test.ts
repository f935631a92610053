import { describe, expect, it } from "vitest";
import { canJoin, chooseProtocol, commonProtocols, equalOffers, namedOnce, type Offer } from "./protocol-choice.ts";

const offerOf = (...names: string[]): Offer => names.map((name) => ({ name, metadata: Buffer.from(name) }));

describe("the protocol of a generation", () => {
  it.each([
    ["is the first of a lone member's", [offerOf("range", "sticky")], "range"],
    ["is one that all members know", [offerOf("range", "sticky"), offerOf("sticky", "other")], "sticky"],
    ["is what most members prefer", [offerOf("a", "b"), offerOf("b", "a"), offerOf("b", "a")], "b"],
    ["is a member's best among those that all know", [offerOf("x", "b", "a"), offerOf("a", "b"), offerOf("y", "b", "a")], "b"],
    ["is none without members", [], null],
    ["is none when they have nothing in common", [offerOf("a"), offerOf("b")], null],
  ])("%s", (_what, offers, expected) => {
    expect(chooseProtocol(offers)).toBe(expected);
  });
});

describe("a newcomer", () => {
  it.each([
    ["may bring anything to a group without members", offerOf("a"), [], true],
    ["must bring something", offerOf(), [], false],
    ["must know what all others know", offerOf("b"), [offerOf("a", "b"), offerOf("a")], false],
    ["need not know more than one of it", offerOf("z", "a"), [offerOf("a", "b"), offerOf("a")], true],
  ])("%s", (_what, newcomer, offers, expected) => {
    expect(canJoin(newcomer, offers)).toBe(expected);
  });
});

describe("offers", () => {
  it("have in common what every one of them names", () => {
    expect([...commonProtocols([offerOf("a", "b", "c"), offerOf("c", "a")])]).toEqual(["a", "c"]);
  });

  it("count a protocol only if it is named once", () => {
    const [first, second] = [Buffer.of(1), Buffer.of(2)];
    const offer = [{ name: "a", metadata: first }, { name: "a", metadata: second }, ...offerOf("b")];
    expect(namedOnce(offer)).toEqual(offerOf("b"));
  });

  it.each([
    ["same names and metadata", offerOf("a", "b"), true],
    ["another order", offerOf("b", "a"), false],
    ["fewer", offerOf("a"), false],
    ["other metadata", [{ name: "a", metadata: Buffer.of(0) }, ...offerOf("b")], false],
  ])("are compared in full: %s", (_what, other, expected) => {
    expect(equalOffers(offerOf("a", "b"), other)).toBe(expected);
  });
});
