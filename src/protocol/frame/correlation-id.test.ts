import { expect, it } from "vitest";
import { nextCorrelationId } from "./correlation-id.ts";

it("counts up, and begins again at 0 after 2^31 - 1, so that it always fits into an int32", () => {
  expect(nextCorrelationId(0)).toBe(1);
  expect(nextCorrelationId(2_147_483_646)).toBe(2_147_483_647);
  expect(nextCorrelationId(2_147_483_647)).toBe(0);
});
