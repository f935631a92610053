import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Where nothing can be written. Other systems than Linux have no such file. */
const FULL = "/dev/full";

async function printed(...parameters: readonly string[]): Promise<readonly [code: number, stderr: string]> {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...parameters], {
    stdio: ["ignore", openSync(FULL, "w"), "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return [Number(code), stderr];
}

if (existsSync(FULL)) {
  describe("where standard output cannot be written", () => {
    it("a command says so in a line, and fails", async () => {
      expect(await printed("--help")).toEqual([1, "kafkawire: standard output: ENOSPC: no space left on device, write\n"]);
    });
  });
}
