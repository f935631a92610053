/** The Go programs of the suites, each a module of its own that is built once into the cache. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { goTool } from "../test/interop/franz-go/go-program.ts";
import { builtOnce, stampOf } from "../test/support/cache-folder.ts";
import { runCommand } from "../test/support/child-processes.ts";
import { benchDirectory, lastLines } from "./peers.ts";

/** Their folders, below bench/. */
export type GoProgramName = "broker/load" | "broker/kfake" | "cases/produce/franz-go" | "cases/consume/franz-go";
/** A module that some of them have in common. */
const SHARED = "cases/own-process/go";

/** The executable, or why there is none. Modules come through the Go module proxy, those that go.sum pins. */
export async function goProgram(name: GoProgramName): Promise<{ readonly path: string } | { readonly problem: string }> {
  const go = goTool();
  if (go === undefined) return { problem: "no Go (go is neither on PATH nor in /usr/local/go/bin)" };
  try {
    const sources = sourcesOf(name);
    const program = basename(name);
    const { stdout: version } = await runCommand(go, ["version"], sources);
    const stamp = stampOf(version, ...filesIn(sources), ...filesIn(sourcesOf(SHARED)));
    const folder = await builtOnce(join("bench", `${program}-${stamp}`), async (target) => {
      process.stderr.write(`building bench/${name} (go build)\n`);
      await runCommand(go, ["build", "-mod=readonly", "-trimpath", "-o", join(target, program), "."], sources);
    });
    return { path: join(folder, program) };
  } catch (error) {
    return { problem: `go build failed: ${lastLines(error)}` };
  }
}

/** The version of a module, as go.mod pins it. */
export function pinnedVersion(name: GoProgramName, module: string): string {
  const line = readFileSync(join(sourcesOf(name), "go.mod"), "utf8")
    .split("\n")
    .find((text) => text.includes(`${module} v`));
  return line?.split(`${module} v`)[1]?.split(" ")[0] ?? "unknown";
}

function filesIn(folder: string): readonly Buffer[] {
  return readdirSync(folder, "utf8").map((file) => readFileSync(join(folder, file)));
}

function sourcesOf(name: GoProgramName | typeof SHARED): string {
  return join(benchDirectory, name);
}
