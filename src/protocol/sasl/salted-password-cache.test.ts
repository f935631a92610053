import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SaltedPasswordCache } from "./salted-password-cache.ts";

const salt = Uint8Array.of(1);
const key = { mechanism: "SCRAM-SHA-256", password: "canary", salt, iterations: 4096 };

/** Counts how often it has to derive. */
function counter(): { readonly derive: () => Promise<Uint8Array>; readonly calls: () => number } {
  let calls = 0;
  return { derive: () => Promise.resolve(Uint8Array.of(++calls)), calls: () => calls };
}

describe("the cache of salted passwords", () => {
  it("derives once for callers that ask at the same time, and never again", async () => {
    const cache = new SaltedPasswordCache();
    const { derive, calls } = counter();
    await Promise.all([cache.saltedPassword(key, derive), cache.saltedPassword({ ...key, salt: Uint8Array.of(1) }, derive)]);
    expect(await cache.saltedPassword(key, derive)).toEqual(Uint8Array.of(1));
    expect(calls()).toBe(1);
  });

  it.each([
    { ...key, mechanism: "SCRAM-SHA-512" },
    { ...key, password: "other" },
    { ...key, salt: Uint8Array.of(2) },
    { ...key, iterations: 8192 },
  ])("derives anew when one part of the question differs", async (other) => {
    const cache = new SaltedPasswordCache();
    const { derive } = counter();
    await cache.saltedPassword(key, derive);
    expect(await cache.saltedPassword(other, derive)).toEqual(Uint8Array.of(2));
  });

  it("does not remember a failure", async () => {
    const cache = new SaltedPasswordCache();
    await expect(cache.saltedPassword(key, () => Promise.reject(new Error("no threads")))).rejects.toThrow("no threads");
    expect(await cache.saltedPassword(key, counter().derive)).toEqual(Uint8Array.of(1));
  });

  it("keeps the last eight, however many salts a server invents", async () => {
    const cache = new SaltedPasswordCache();
    const { derive, calls } = counter();
    for (let i = 0; i < 9; i++) await cache.saltedPassword({ ...key, salt: Uint8Array.of(i) }, derive);
    await cache.saltedPassword({ ...key, salt: Uint8Array.of(8) }, derive);
    expect(calls()).toBe(9);
    await cache.saltedPassword({ ...key, salt: Uint8Array.of(0) }, derive);
    expect(calls()).toBe(10);
  });

  it("does not show passwords when it is printed", async () => {
    const cache = new SaltedPasswordCache();
    await cache.saltedPassword(key, counter().derive);
    expect(inspect(cache, { depth: 10, showHidden: true })).not.toContain("canary");
  });
});
