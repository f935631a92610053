import { afterEach, describe, expect, it, vi } from "vitest";
import { missingJdk, missingMaven, usableOrSkipped } from "./java-tools.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("a machine without Java", () => {
  it("is told what is missing", () => {
    vi.stubEnv("PATH", "");
    vi.stubEnv("JAVA_HOME", "");
    expect(missingJdk()).toContain("no JDK 17");
    expect(missingMaven()).toContain("no Maven");
  });

  it("skips with one line that says why", () => {
    vi.stubEnv("CI", "");
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(usableOrSkipped("the check", "no JDK")).toBe(false);
    expect(usableOrSkipped("the check", "no JDK")).toBe(false);
    expect(write.mock.calls).toEqual([["skipped: the check: no JDK\n"]]);
  });

  it("fails with CI=true", () => {
    vi.stubEnv("CI", "true");
    expect(() => usableOrSkipped("the check", "no JDK")).toThrow("nothing is skipped");
  });
});
