import { describe, expect, it } from "vitest";
import { InvalidValueError } from "./invalid-value-error.ts";
import { KafkaError } from "./kafka-error.ts";
import { MalformedMessageError } from "./malformed-message-error.ts";
import { UnsupportedVersionError } from "./unsupported-version-error.ts";

describe("a malformed message", () => {
  it("tells in its message what is known of the place", () => {
    expect(new MalformedMessageError("odd").message).toBe("odd");
    expect(new MalformedMessageError("odd", { offset: 0 }).message).toBe("byte 0: odd");
    expect(new MalformedMessageError("odd", { kind: "request", path: "a[0].b" }).message).toBe("request, field a[0].b: odd");
    expect(new MalformedMessageError("odd", { api: "Fetch", version: 0, kind: "response", path: "a", offset: 7 }).message).toBe(
      "Fetch v0 response, field a, byte 7: odd",
    );
  });

  it("learns more of its place on the way out, and keeps what it knew", () => {
    const cause = new Error("inner");
    const inner = new MalformedMessageError("odd", { offset: 7, kind: "blob", cause });
    expect(inner.at({ api: "Fetch", version: 3, kind: "response", path: "a", offset: 99 })).toMatchObject({
      problem: "odd",
      api: "Fetch",
      version: 3,
      kind: "blob",
      path: "a",
      offset: 7,
      cause,
    });
  });
});

describe("errors of the protocol", () => {
  it.each([
    [new MalformedMessageError("odd"), "MALFORMED_MESSAGE", "MalformedMessageError"],
    [new InvalidValueError("odd", "a.b"), "INVALID_VALUE", "InvalidValueError"],
    [new UnsupportedVersionError("odd", { api: "Fetch", version: 1 }), "UNSUPPORTED_VERSION", "UnsupportedVersionError"],
  ])("are KafkaErrors with a code, and never worth a second try: %s", (error, code, name) => {
    expect(error).toBeInstanceOf(KafkaError);
    expect(error).toMatchObject({ code, name, retriable: false, problem: "odd" });
  });

  it("say whose value could not be sent", () => {
    expect(new InvalidValueError("odd", "a.b").message).toBe("field a.b: odd");
    expect(new UnsupportedVersionError("odd", { api: "Fetch", version: 1, path: "a" }).message).toBe("Fetch v1, field a: odd");
    expect(new UnsupportedVersionError("odd", { api: "Fetch" }).message).toBe("Fetch: odd");
  });
});
