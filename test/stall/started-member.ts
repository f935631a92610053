import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "../support/child-processes.ts";
import type { MemberLine, MemberSettings } from "./member-lines.ts";

const PROGRAM = fileURLToPath(new URL("member.ts", import.meta.url));

export interface Read {
  readonly partition: number;
  readonly offset: number;
}

/** A member, and what it has said so far. */
export class StartedMember {
  readonly lines: MemberLine[] = [];
  readonly #child;
  readonly #exited: Promise<void>;
  #stderr = "";
  /** How it has ended. */
  end: string | undefined;

  constructor(settings: MemberSettings, onNews: () => void) {
    this.#child = spawn(process.execPath, ["--import", "tsx", PROGRAM, JSON.stringify(settings)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithThisProcess(this.#child);
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.lines.push(JSON.parse(line) as MemberLine);
      onNews();
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        this.end = `${settings.clientId} has ended with ${code}: ${this.#stderr}`;
        onNews();
        resolve();
      });
    });
  }

  get reads(): readonly Read[] {
    return this.lines.filter((line) => line.event === "read");
  }

  /** As it was told. */
  get partitions(): readonly number[] {
    const held = new Set<number>();
    for (const line of this.lines) {
      if (line.event === "assigned") for (const partition of line.partitions) held.add(partition);
      if (line.event === "revoked" || line.event === "lost") for (const partition of line.partitions) held.delete(partition);
    }
    return [...held];
  }

  async close(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}
