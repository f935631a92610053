import type { SeedReport } from "./simulate.ts";

/** What a person is told of a seed that failed. */
export function failureText({ seed, violations, journalFile, journalTail = [] }: SeedReport, rerun: string): string {
  const lines = [
    `seed ${seed} FAILED`,
    ...violations
      .slice(0, 3)
      .map(({ rule, text, atMs }) => `  broken: ${rule} (at ${atMs} ms)\n    ${text.replaceAll("\n", "\n    ")}`),
    ...(violations.length > 3 ? [`  and ${violations.length - 3} more`] : []),
    ...(journalTail.length > 0 ? ["  the end of its journal:", ...journalTail.map((line) => `    ${line}`)] : []),
    ...(journalFile === undefined ? [] : [`  all of it: ${journalFile}`]),
    `  again: ${rerun}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A line that is written over, on a terminal; elsewhere lines that say every now and then how far it is. */
export class Progress {
  readonly #isShown = process.stderr.isTTY === true;

  show(text: string, isMilestone = false): void {
    if (this.#isShown) process.stderr.write(`\r\u001b[2K${text}`);
    else if (isMilestone) process.stderr.write(`${text}\n`);
  }

  clear(): void {
    this.show("");
  }
}
