// What was written down in a run: gone with it, unless something was wrong.

import { appendFileSync, cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScratchFolder, scratchFolder } from "../../../support/scratch-folder.ts";
import type { GroupHistory } from "./history.ts";

const KEPT_PREFIX = "kafkawire-chaos-";

export class Evidence {
  readonly #scratch: ScratchFolder = scratchFolder();

  /** Of journals. */
  get folder(): string {
    return this.#scratch.path;
  }

  /** By the clock by which members and brokers stamp what they do. */
  event(what: string): void {
    appendFileSync(join(this.folder, "events"), `${new Date().toISOString()} ${what}\n`);
  }

  /** @returns the folder in which it stays */
  keep(histories: readonly GroupHistory[] = []): string {
    for (const { group, written, commits, observed } of histories) {
      const seen = { written: [...written], commits: [...commits], observed };
      writeFileSync(join(this.folder, `${group}.json`), JSON.stringify(seen));
    }
    const kept = mkdtempSync(join(tmpdir(), KEPT_PREFIX));
    cpSync(this.folder, kept, { recursive: true });
    return kept;
  }

  remove(): void {
    this.#scratch.remove();
  }
}
