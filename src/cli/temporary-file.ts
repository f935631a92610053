import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFile {
  readonly path: string;
  remove(): void;
}

/** A file in a folder of its own, which goes with this process however it exits, unless it is removed before. */
export function temporaryFile(name: string, content: string): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), "kafkawire-"));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, remove };
}
