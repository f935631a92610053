import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFolder } from "../../support/scratch-folder.ts";
import type { Plant } from "./plants.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** A copy of the sources with a bug planted in them. The sources themselves have no hooks for it. */
export class PlantedCopy {
  /** The simulator in the copy. */
  readonly simulationFolder: string;
  readonly #remove: () => void;

  constructor(plant: Plant) {
    const { path, remove } = scratchFolder();
    this.#remove = remove;
    this.simulationFolder = join(path, "test/simulation");
    for (const entry of ["src", "test/simulation", "test/support", "package.json", "tsconfig.json"]) {
      cpSync(join(ROOT, entry), join(path, entry), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(path, "node_modules"));
    for (const { file, search, replacement } of plant.edits) {
      const name = join(path, file);
      writeFileSync(name, withEdit(readFileSync(name, "utf8"), search, replacement, `${plant.name}: ${file}`));
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
