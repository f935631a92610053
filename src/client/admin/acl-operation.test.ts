import { expect, it } from "vitest";
import { operationsFromBits } from "./acl-operation.ts";

it("bit n of authorized operations stands for the ACL operation with code n", () => {
  expect(operationsFromBits(0)).toEqual([]);
  expect(operationsFromBits((1 << 3) | (1 << 12) | (1 << 15))).toEqual(["read", "idempotentWrite", "twoPhaseCommit"]);
});

it("the lowest int32 stands for operations that nobody asked for", () => {
  expect(operationsFromBits(-0x8000_0000)).toBeUndefined();
});
