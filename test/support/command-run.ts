import { expect, vi } from "vitest";
import type { Command } from "../../src/cli/command.ts";

export interface CommandOutcome {
  readonly code: number;
  /** On standard output. */
  readonly text: string;
  /** On standard error. */
  readonly complaints: string;
}

/** Runs a command of `kafkawire` in this process, which must be left as it was. */
export async function outcomeOf(command: Command, parameters: readonly string[]): Promise<CommandOutcome> {
  const parts: string[] = [];
  const complaints: string[] = [];
  const listeners = process.listenerCount("SIGINT");
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    complaints.push(String(text));
    return true;
  });
  try {
    const code = await command.run(parameters, { isTerminal: false, write: (text) => void parts.push(text) });
    expect(process.listenerCount("SIGINT")).toBe(listeners);
    return { code, text: parts.join(""), complaints: complaints.join("") };
  } finally {
    stderr.mockRestore();
  }
}
