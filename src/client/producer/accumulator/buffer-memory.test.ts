import { expect, it } from "vitest";
import { BufferMemory } from "./buffer-memory.ts";

const memory = (bytes: number, records = Number.POSITIVE_INFINITY, onFreed = (): void => undefined): BufferMemory =>
  new BufferMemory(bytes, records, onFreed);

it("has room for what fits to the byte, and not for one more", () => {
  const own = memory(100);
  own.take(60);
  expect([own.hasRoomFor(40), own.hasRoomFor(41)]).toEqual([true, false]);
  expect([own.usedBytes, own.availableBytes, own.records]).toEqual([60, 40, 1]);
});

it("has room for as many records as it may, however small", () => {
  const own = memory(100, 2);
  own.take(1);
  own.take(1);
  expect(own.hasRoomFor(1)).toBe(false);
  own.give(1, 1);
  expect(own.hasRoomFor(1)).toBe(true);
});

it("takes one record that is larger than all of it when it is empty: otherwise it could never be sent", () => {
  const own = memory(100);
  expect(own.hasRoomFor(150)).toBe(true);
  own.take(150);
  expect([own.hasRoomFor(0), own.availableBytes]).toEqual([false, 0]);
  own.give(150, 1);
  expect([own.usedBytes, own.records]).toEqual([0, 0]);
});

it("says every time that something was given back", () => {
  let freed = 0;
  const own = memory(100, 10, () => freed++);
  own.take(10);
  own.take(10);
  own.give(20, 2);
  expect(freed).toBe(1);
});
