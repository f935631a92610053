import { expect, it } from "vitest";
import { commitKeyFrom, storedCommitFrom } from "./offset-record.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

it("a key says which group has committed in which partition", () => {
  expect(commitKeyFrom(hex("0001 0005 6561676572 0006 6f7264657273 00000003"))).toEqual({ group: "eager", partition: "orders-3" });
});

it("keys of groups and of members are none of its business", () => {
  expect(commitKeyFrom(hex("0002 0005 6561676572"))).toBeUndefined();
  expect(commitKeyFrom(hex("0008 0005 6561676572 0001 6d"))).toBeUndefined();
});

it.each([
  ["0001 000000000000002a 0001 6d 0000019a00000000 0000019a00000001", 1],
  ["0003 000000000000002a 00000007 0000 0000019a00000000", 3],
  ["0004 000000000000002a 00000007 02 6d 0000019a00000000 00", 4],
])("a value of version %s says what, and when", (bytes) => {
  expect(storedCommitFrom(hex(bytes))).toEqual({ offset: 42, atMs: 0x19a_0000_0000 });
});
