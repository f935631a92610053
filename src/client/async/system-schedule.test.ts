import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { runCommand } from "../../../test/support/child-processes.ts";
import { systemSchedule } from "./deadline.ts";

const DEADLINE = fileURLToPath(new URL("deadline.ts", import.meta.url));

/** What it prints until nothing keeps it any more. */
async function aloneInAProcess(script: string): Promise<string> {
  const source = `import { systemSchedule } from ${JSON.stringify(DEADLINE)};\n${script}`;
  const { stdout } = await runCommand(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source]);
  return stdout;
}

describe("a timer in the background", () => {
  it("that is due has its turn at once: Node sleeps on an immediate without a reference until something else happens", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const immediates = vi.spyOn(globalThis, "setImmediate");
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    const timer = systemSchedule(5, () => undefined, { background: true });
    vi.advanceTimersByTime(5);
    expect(immediates.mock.results.map(({ value }) => value.hasRef())).toEqual([true]);
    timer.cancel();
  });

  it("alone keeps no process", async () => {
    expect(await aloneInAProcess(`systemSchedule(600_000, () => console.log("due"), { background: true });`)).toBe("");
  });

  it("of the foreground does", async () => {
    expect(await aloneInAProcess(`systemSchedule(1, () => console.log("due"));`)).toBe("due\n");
  });
});
