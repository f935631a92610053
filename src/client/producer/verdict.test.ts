import { expect, it } from "vitest";
import { BrokerError } from "../errors.ts";
import { withVerdict } from "./verdict.ts";

it("marks the error itself when it has no verdict yet, or this one", () => {
  const error = new BrokerError(19, { api: "Produce" });
  expect(withVerdict(error, "not persisted")).toBe(error);
  expect(withVerdict(error, "not persisted")).toBe(error);
  expect(error.verdict).toBe("not persisted");
});

it("makes a copy for records that another verdict holds for: the one that others have is not changed", () => {
  const error = withVerdict(new BrokerError(19, { api: "Produce", topic: "orders" }, "no"), "not persisted");
  const copy = withVerdict(error, "possibly persisted");
  expect(copy).not.toBe(error);
  expect([error.verdict, copy.verdict]).toEqual(["not persisted", "possibly persisted"]);
  expect(copy).toBeInstanceOf(BrokerError);
  expect(copy).toMatchObject({ code: "NOT_ENOUGH_REPLICAS", errorCode: 19, message: error.message, stack: error.stack });
});
