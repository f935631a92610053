import { expect, it } from "vitest";
import { systemRuntime } from "./runtime.ts";

it("asks the resolver once for all who wait for the same name, and anew for whoever comes later", async () => {
  const first = systemRuntime.resolve("127.0.0.1");
  expect(systemRuntime.resolve("127.0.0.1")).toBe(first);
  expect(systemRuntime.resolve("127.0.0.2")).not.toBe(first);
  expect(await first).toEqual([{ address: "127.0.0.1", family: 4 }]);
  expect(systemRuntime.resolve("127.0.0.1")).not.toBe(first);
});
