import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";

describe("a secret", () => {
  const secret = new Secret("hunter2");
  const holder = { user: "alice", secret, list: [secret] };

  it("is there for whoever asks for it by name", () => {
    expect(secret.reveal()).toBe("hunter2");
  });

  it.each([
    ["in a template", (): string => `${String(secret)} ${secret.toString()}`],
    ["in JSON", (): string => JSON.stringify(holder)],
    ["in a log", (): string => format("%s %o %O %j", holder, holder, holder, holder)],
    ["under inspection", (): string => inspect(holder, { showHidden: true, depth: null, customInspect: false }) + inspect(holder)],
    ["in an error", (): string => new Error(`for ${String(secret)}`, { cause: holder }).stack ?? ""],
  ])("does not show %s", (_, print) => {
    expect(print()).not.toContain("hunter2");
  });

  it("says that it was left out", () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual(["[redacted]", '"[redacted]"', "[redacted]"]);
  });
});
