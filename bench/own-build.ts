/** kafkawire itself is measured as it is published: built. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchDirectory, lastLines, packageVersion } from "./peers.ts";

const root = join(benchDirectory, "..");
const source = join(root, "src");
const COPY_ATTEMPTS = 3;

export function ownVersion(): string {
  return packageVersion(root);
}

/** Builds dist/ when it is missing or older than a source file; the problem, or undefined. */
export function buildOwn(entry: string): string | undefined {
  const built = join(root, "dist", entry);
  if (existsSync(built) && statSync(built).mtimeMs >= newestSource()) return undefined;
  process.stderr.write("building kafkawire (npm run build)\n");
  try {
    build();
  } catch (error) {
    return `npm run build failed: ${compilerMessage(error)}`;
  }
  return existsSync(built) ? undefined : `the build made no dist/${entry}`;
}

/** A copy of dist/ that no build in the meantime changes. It lies below bench/, so that packages are found as from dist/. */
export class BuildCopy {
  readonly #directory: string = join(benchDirectory, ".cache", `build-${process.pid}`);

  constructor() {
    for (let attempt = 1; attempt <= COPY_ATTEMPTS; attempt++) {
      this.remove();
      cpSync(join(root, "dist"), this.#directory, { recursive: true });
      if (this.#isWhole()) return;
      build();
    }
    this.remove();
    throw new Error("dist/ was never whole: is another build at work?");
  }

  /** Somebody else's build, which begins with removing dist/, may have come in between. */
  #isWhole(): boolean {
    return sourceFiles().every((name) => existsSync(join(this.#directory, name.replace(/\.ts$/, ".js"))));
  }

  get url(): string {
    return pathToFileURL(this.#directory).href;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function newestSource(): number {
  let newest = 0;
  for (const name of sourceFiles()) newest = Math.max(newest, statSync(join(source, name)).mtimeMs);
  return newest;
}

/** What is built, relative to src/. */
function sourceFiles(): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
}

function build(): void {
  execFileSync("npm", ["run", "-s", "build"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
}

/** The compiler reports on stdout. */
function compilerMessage(error: unknown): string {
  const stdout = typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout).trim() : "";
  return stdout === "" ? lastLines(error) : stdout.split("\n").slice(0, 3).join(" | ");
}
