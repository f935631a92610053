import { describe, expect, it } from "vitest";
import { ConnectionError, DeserializationError } from "../errors.ts";
import { errorFacts } from "./error-facts.ts";

describe("the facts of an error", () => {
  it("are its name, message and code, and those of what was behind it", () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", password: "hunter2" });
    expect(errorFacts(new ConnectionError("refused", { broker: "b1:9092", phase: "tcp", cause }))).toEqual({
      name: "ConnectionError",
      message: "broker b1:9092: refused",
      code: "CONNECTION",
      retriable: true,
      cause: { name: "Error", message: "connect ECONNREFUSED", code: "ECONNREFUSED" },
    });
  });

  it("hold no bytes of records", () => {
    const bytes = new TextEncoder().encode("hunter2");
    const init = {
      topic: "orders",
      partition: 0,
      offset: 1,
      timestamp: 0,
      part: "value",
      key: null,
      value: bytes,
      headers: [],
    } as const;
    expect(Object.keys(errorFacts(new DeserializationError({ ...init, cause: "no error" })))).toEqual([
      "name",
      "message",
      "code",
      "retriable",
    ]);
  });

  it("end, also where causes go in circles", () => {
    const error = new Error("round");
    error.cause = error;
    expect(JSON.stringify(errorFacts(error)).match(/round/g)).toHaveLength(6);
  });
});
