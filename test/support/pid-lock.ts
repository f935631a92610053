// A lock between processes: a file that holds its owner's process id. It does not outlive its owner.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Between its creation and its content a lock is empty for a moment; after this it never gets any. */
const EMPTY_MS = 10_000;
/** No owner needs a lock for longer. Ids are used again: a lock that came with a restored cache may name anybody. */
const OLDEST_MS = 15 * 60_000;

/** Takes the lock, without waiting. False: another process has it, or this one. */
export function takeLock(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  if (created(path)) return true;
  if (!isAbandoned(path)) return false;
  rmSync(path, { force: true });
  return created(path);
}

export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

/** Whether a process runs. One that has ended and was never waited for does not, although signals still reach it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return !isCode(error, "ESRCH");
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, "utf8"));
}

function created(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function isAbandoned(path: string): boolean {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    const owner = Number(readFileSync(path, "utf8"));
    if (!Number.isInteger(owner) || owner <= 0) return ageMs > EMPTY_MS;
    return ageMs > OLDEST_MS || !isAlive(owner);
  } catch (error) {
    // Released in the meantime.
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
