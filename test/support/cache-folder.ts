// What tests build once and keep: jars, compiled classes, class archives. Outside the checkout, so that a clean one is still fast.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { releaseLock, takeLock } from "./pid-lock.ts";

/** How often somebody who waits for another process' build looks again. */
const WAIT_MS = 100;

/** `KAFKAWIRE_CACHE`, or `kafkawire` in the user's cache folder. May be deleted at any time between runs. */
export function cacheFolder(): string {
  return process.env["KAFKAWIRE_CACHE"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kafkawire");
}

/** A short name for a content: what was built from something else has another stamp and so another folder. */
export function stampOf(...contents: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(createHash("sha256").update(content).digest());
  return hash.digest("hex").slice(0, 12);
}

export function isBuilt(name: string): boolean {
  return existsSync(join(cacheFolder(), name));
}

/**
 * The folder `name` in the cache, built first if it is not there. A folder is there whole or not at all: it is built beside its
 * place and renamed. Several processes at once build it once; the others wait.
 */
export async function builtOnce(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder(), name);
  const lock = `${target}.lock`;
  while (!existsSync(target)) {
    if (!takeLock(lock)) {
      await pause(WAIT_MS);
      continue;
    }
    const unfinished = `${target}.${process.pid}`;
    try {
      if (existsSync(target)) break;
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      await build(unfinished);
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      releaseLock(lock);
    }
  }
  return target;
}
