// Our Go program around franz-go, built once into the cache.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../../support/cache-folder.ts";
import { runCommand } from "../../support/child-processes.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
/** Where Go's own installation puts it, which is not on everybody's PATH. */
const USUAL_FOLDER = "/usr/local/go/bin";

/** The path of the go command, or undefined. */
export function goTool(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), USUAL_FOLDER];
  return folders.map((folder) => join(folder, "go")).find((path) => existsSync(path));
}

/** The path of the program. Modules come through the Go module proxy, those that go.sum pins. */
export async function goProgram(go: string): Promise<string> {
  const files = readdirSync(SOURCES)
    .filter((file) => file.endsWith(".go") || file.startsWith("go."))
    .filter((file) => !file.endsWith(".ts"))
    .sort();
  const { stdout: version } = await runCommand(go, ["version"], SOURCES);
  const stamp = stampOf(version, ...files.map((file) => readFileSync(join(SOURCES, file))));
  const folder = await builtOnce(join("interop", `franz-go-${stamp}`), async (target) => {
    await runCommand(go, ["build", "-mod=readonly", "-trimpath", "-o", join(target, "interop"), "."], SOURCES);
  });
  return join(folder, "interop");
}

/** Why the modules cannot be had, as a clause; undefined if they are there. */
export async function missingModules(go: string): Promise<string | undefined> {
  try {
    await runCommand(go, ["mod", "download"], SOURCES);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `its modules cannot be downloaded (${message.trim().split("\n").at(-1)})`;
  }
}
