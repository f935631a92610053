/**
 * node-rdkafka is an addon that is compiled where it is installed, with the librdkafka in its package. npm's install below bench/ runs no
 * scripts, so it is compiled here: in the cache, once, for the Node that all clients are measured on.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { builtOnce, stampOf } from "../../test/support/cache-folder.ts";
import { runCommand } from "../../test/support/child-processes.ts";
import { benchDirectory, lastLines, peerVersion } from "../peers.ts";

const NAME = "node-rdkafka";
/** It, and what it needs while it is compiled and when it runs. */
const PACKAGES = [NAME, "bindings", "file-uri-to-path", "nan"] as const;

/** The file to load, or why there is none. */
export async function builtNodeRdkafka(node: string): Promise<{ readonly path: string } | { readonly problem: string }> {
  const headers = join(dirname(node), "..");
  if (!existsSync(join(headers, "include", "node", "node.h")))
    return { problem: `${headers} has no headers of Node to build with` };
  try {
    const { stdout: version } = await runCommand(node, ["--version"]);
    const { stdout: compiler } = await runCommand("g++", ["--version"]);
    const stamp = stampOf(peerVersion(NAME), version, compiler, String(hasZstd()));
    const folder = await builtOnce(join("bench", `${NAME}-${stamp}`), (target) => build(target, headers));
    return { path: join(folder, "node_modules", NAME, "lib", "index.js") };
  } catch (error) {
    return { problem: `its build failed: ${lastLines(error)}` };
  }
}

/** Whether the librdkafka in it can be built with zstd; LZ4 and gzip (zlib) it has anyway. */
export function hasZstd(): boolean {
  return ["/usr/include/zstd.h", "/usr/local/include/zstd.h", "/opt/homebrew/include/zstd.h"].some((file) => existsSync(file));
}

async function build(target: string, headers: string): Promise<void> {
  process.stderr.write(`building ${NAME} and its librdkafka (some minutes, once)\n`);
  for (const name of PACKAGES) {
    const folder = join(target, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    cpSync(join(benchDirectory, "node_modules", name), folder, { recursive: true });
  }
  const folder = join(target, "node_modules", NAME);
  const script: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))?.scripts?.install;
  if (script !== "node-gyp rebuild") throw new Error(`${NAME} is built in another way now: ${String(script)}`);
  // npm run brings its own node-gyp. JOBS is for gyp's make, whose two halves of this package do not wait for each other.
  const environment = {
    npm_config_nodedir: headers,
    npm_config_ignore_scripts: "false",
    JOBS: "1",
    PATH: [join(headers, "bin"), process.env["PATH"]].join(delimiter),
  };
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  await runCommand("env", [...assignments, "npm", "run", "--silent", "install"], folder);
}
