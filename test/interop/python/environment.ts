// Python's clients, in a virtual environment in the cache.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../../support/cache-folder.ts";
import { runCommand } from "../../support/child-processes.ts";

const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));

let environment: Promise<string> | undefined;

/** The path of a Python that has the clients. Installs them if they are not there. */
export function pythonWithClients(): Promise<string> {
  environment ??= install();
  return environment;
}

/** As a kit's prepare() wants it. */
export async function preparePython(): Promise<undefined | { readonly unavailable: string }> {
  try {
    await pythonWithClients();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { unavailable: `no Python with ${readFileSync(REQUIREMENTS, "utf8").trim().split("\n").join(", ")}: ${why}` };
  }
}

async function install(): Promise<string> {
  // Which Python exactly: its environment fits no other, and goes with it.
  const { stdout } = await runCommand("python3", ["-c", "import sys; print(sys.executable, sys.version)"]);
  const stamp = stampOf(readFileSync(REQUIREMENTS), stdout);
  const folder = await builtOnce(join("python", stamp), async (target) => {
    await runCommand("python3", ["-m", "venv", target]);
    const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    await runCommand(join(target, "bin", "python"), ["-m", "pip", "install", ...options, "--requirement", REQUIREMENTS]);
  });
  return join(folder, "bin", "python");
}
