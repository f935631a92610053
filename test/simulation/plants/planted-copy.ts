import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFolder } from "../../support/scratch-folder.ts";
import type { Plant } from "./plants.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A copy of the sources, in which one bug after the other is planted. The sources themselves have no hooks for it. All have the same
 * folder: what was compiled of a file serves as long as its path and its text stay the same.
 */
export class PlantedCopy {
  /** The simulator in the copy. */
  readonly simulationFolder: string;
  readonly #path: string;
  readonly #remove: () => void;
  /** As they were, of files with a bug in them. */
  readonly #sound = new Map<string, string>();

  constructor() {
    const { path, remove } = scratchFolder();
    this.#path = path;
    this.#remove = remove;
    this.simulationFolder = join(path, "test/simulation");
    for (const entry of ["src", "test/simulation", "test/support", "package.json", "tsconfig.json"]) {
      cpSync(join(ROOT, entry), join(path, entry), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(path, "node_modules"));
  }

  /** Instead of the one before. */
  plant({ name, edits }: Plant): void {
    for (const [file, text] of this.#sound) writeFileSync(file, text);
    this.#sound.clear();
    for (const { file, search, replacement } of edits) {
      const place = join(this.#path, file);
      const text = readFileSync(place, "utf8");
      if (!this.#sound.has(place)) this.#sound.set(place, text);
      writeFileSync(place, withEdit(text, search, replacement, `${name}: ${file}`));
    }
  }

  remove(): void {
    this.#remove();
  }
}

/** A mutation that no longer fits the source would plant nothing, and its proof would prove nothing. */
export function withEdit(source: string, search: string, replacement: string, what: string): string {
  const parts = source.split(search);
  if (parts.length !== 2) throw new Error(`${what}: the text to replace is there ${parts.length - 1} times, not once:\n${search}`);
  return parts.join(replacement);
}
