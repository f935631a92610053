import { expect, it } from "vitest";
import { Fifo } from "./fifo.ts";

it("gives out in the order of coming, whatever comes between", () => {
  const fifo = new Fifo<number>();
  const out: (number | undefined)[] = [];
  let next = 0;
  for (let round = 0; round < 50; round++) {
    for (let count = 0; count < (round % 7) + 1; count++) fifo.push(next++);
    for (let count = 0; count < round % 5; count++) out.push(fifo.shift());
  }
  while (fifo.length > 0) out.push(fifo.shift());
  expect(out.filter((item) => item !== undefined)).toEqual(Array.from({ length: next }, (_, index) => index));
});

it("knows its first and its length, and what is in it, in order", () => {
  const fifo = new Fifo<string>();
  expect([fifo.first, fifo.length, fifo.shift()]).toEqual([undefined, 0, undefined]);
  for (const item of ["a", "b", "c"]) fifo.push(item);
  fifo.shift();
  expect([fifo.first, fifo.length, [...fifo]]).toEqual(["b", 2, ["b", "c"]]);
});
