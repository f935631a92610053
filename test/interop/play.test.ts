import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { play } from "./play.ts";
import type { RunningProgram, Scenario, Stage } from "./scenario.ts";

const NODE = process.execPath;
const SERVERS = "127.0.0.1:1";
const FOREVER = "setInterval(() => {}, 1000); console.log('ready')";

function scenario(run: (stage: Stage) => Promise<unknown>, timeoutMs = 60_000): Scenario {
  return { client: "kcat", name: "of a test", timeoutMs, run };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a scenario", () => {
  it("observes what its programs print, with the names of this run hidden", async () => {
    const observation = await play(
      scenario(async (stage) => {
        const { stdout } = await stage.run(NODE, ["-e", "process.stdin.pipe(process.stdout)"], { input: stage.unique("orders") });
        return { raw: stdout === "orders", hidden: stage.hide(stdout), servers: stage.bootstrapServers };
      }),
      SERVERS,
    );
    expect(observation).toEqual({ raw: false, hidden: "orders", servers: SERVERS });
  });

  it("may ask for each word once, so that two things never share a name", async () => {
    const twice = scenario(async (stage) => [stage.unique("word"), stage.unique("word")]);
    await expect(play(twice, SERVERS)).rejects.toThrow('a name for "word" already');
  });

  it("leaves no program and no folder behind when it ends", async () => {
    const seen: { running?: RunningProgram; folder?: string } = {};
    await play(
      scenario(async (stage) => {
        seen.folder = stage.folder;
        seen.running = stage.start(NODE, ["-e", FOREVER]);
        await seen.running.waitForLine(/ready/);
      }),
      SERVERS,
    );
    expect(isRunning(seen.running?.pid ?? 0)).toBe(false);
    expect(existsSync(seen.folder ?? "")).toBe(false);
  });

  it("is ended at its deadline even if it waits for a program that never ends", async () => {
    const pids: number[] = [];
    const hanging = scenario(async (stage) => {
      pids.push(stage.start(NODE, ["-e", FOREVER]).pid);
      await stage.run(NODE, ["-e", FOREVER]);
    }, 300);
    await expect(play(hanging, SERVERS)).rejects.toThrow("did not end within 300 ms");
    expect(pids.map(isRunning)).toEqual([false]);
  });

  it("fails with what a failing program wrote to its standard error", async () => {
    const failing = scenario((stage) => stage.run(NODE, ["-e", "console.error('the reason'); process.exit(3)"]));
    await expect(play(failing, SERVERS)).rejects.toThrow(/ended with 3\nstderr of .*\n {2}the reason/);
  });

  it("fails if a program cannot be started, unless told that failure is allowed, and then by its exit code", async () => {
    await expect(
      play(
        scenario((stage) => stage.run("no-such-program", [])),
        SERVERS,
      ),
    ).rejects.toThrow("ENOENT");
    const allowed = scenario((stage) => stage.run(NODE, ["-e", "process.exit(3)"], { allowFailure: true }));
    expect(await play(allowed, SERVERS)).toMatchObject({ code: 3 });
  });
});

describe("a running program", () => {
  it("gives each line once, to whoever waits for it", async () => {
    const lines = await play(
      scenario(async (stage) => {
        const cat = stage.start(NODE, ["-e", "process.stdin.pipe(process.stdout)"]);
        cat.write("one\ntwo 2\nthr");
        const [, number] = await cat.waitForLine(/two (\d)/);
        cat.write("ee\nfour");
        cat.endInput();
        const rest: string[] = [];
        for await (const line of cat.lines) rest.push(line);
        return { number, rest };
      }),
      SERVERS,
    );
    expect(lines).toEqual({ number: "2", rest: ["three", "four"] });
  });

  it("that ends without the line that is waited for is an error that quotes its last one", async () => {
    const waiting = scenario((stage) => stage.start(NODE, ["-e", "console.log('something else')"]).waitForLine(/never/));
    await expect(play(waiting, SERVERS)).rejects.toThrow(/without a line that matches \/never\/; its last line: something else/);
  });

  it("is asked to end, and tells how it did", async () => {
    const graceful = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')";
    const ended = await play(
      scenario(async (stage) => {
        const running = stage.start(NODE, ["-e", graceful]);
        await running.waitForLine(/ready/);
        return await running.stop();
      }),
      SERVERS,
    );
    expect(ended).toMatchObject({ code: 7, stdout: "ready\n" });
  });
});
