import { expect, it } from "vitest";
import { ProducerIds } from "./producer-ids.ts";

it("every producer id is given out once, from 0 on", () => {
  const ids = new ProducerIds();
  expect([ids.next(), ids.next(), ids.next()]).toEqual([0n, 1n, 2n]);
});
