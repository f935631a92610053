// Folders for the time of a test. They go with the process that made them, or with the next one if it was killed.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./child-processes.ts";
import { isAlive } from "./pid-lock.ts";

const PREFIX = "kafkawire-scratch-";
let swept = false;

export interface ScratchFolder {
  readonly path: string;
  remove(): void;
}

export function scratchFolder(): ScratchFolder {
  if (!swept) removeLeftovers();
  swept = true;
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const removeNow = (): void => rmSync(path, { recursive: true, force: true });
  const forget = atExit(removeNow);
  return {
    path,
    remove: () => {
      removeNow();
      forget();
    },
  };
}

/** Where a folder's process writes its id, so that it can be found if its parent is killed while it is frozen. */
export function pidFileIn(folder: string): string {
  return join(folder, "process.pid");
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((file) => file.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split("-")[0]);
    if (owner > 0 && !isAlive(owner)) removeLeftover(join(tmpdir(), name));
  }
}

function removeLeftover(folder: string): void {
  try {
    endProcessOf(folder);
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's, or another process is removing it as well: not ours to insist.
  }
}

/** Only a process whose command line names the folder: its id may be somebody else's by now. */
function endProcessOf(folder: string): void {
  const file = pidFileIn(folder);
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  const commandLine = `/proc/${pid}/cmdline`;
  if (pid > 0 && existsSync(commandLine) && readFileSync(commandLine, "utf8").includes(folder)) process.kill(pid, "SIGKILL");
}
