// One scenario, from its start to its end or its deadline.

import type { Scenario } from "./scenario.ts";
import { ScenarioStage } from "./scenario-stage.ts";

const TIMEOUT_MS = 60_000;

/** What the scenario observed. Its children are gone when this resolves or rejects; the error tells their last words. */
export async function play(scenario: Scenario, bootstrapServers: string): Promise<unknown> {
  const timeoutMs = scenario.timeoutMs ?? TIMEOUT_MS;
  const late = new Error(`it did not end within ${timeoutMs} ms`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), timeoutMs);
  const isLate = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener("abort", () => reject(late), { once: true });
  });
  const stage = new ScenarioStage(bootstrapServers, deadline.signal);
  try {
    return await Promise.race([scenario.run(stage), isLate]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error([stage.hide(message), stage.lastErrorLines()].filter((part) => part !== "").join("\n"), { cause: error });
  } finally {
    clearTimeout(timer);
    await stage.close();
  }
}
