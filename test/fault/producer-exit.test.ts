// S4: a process with a producer ends by itself when there is nothing more to do, and not before.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { endWithThisProcess } from "../support/child-processes.ts";

const CLIENT = fileURLToPath(new URL("../../src/client/index.ts", import.meta.url));
const LONG_MS = 60_000;

interface Ended {
  readonly code: number | null;
  /** What it printed, line by line. */
  readonly lines: readonly string[];
  readonly complaints: string;
}

/**
 * Runs a program with `Producer` and `options` at hand, whose `leftOpen()` tells what would keep it from ending. When it prints `ready`,
 * `whenReady` is done, and then its `told` resolves.
 */
async function program(bootstrapServers: string, body: string, whenReady?: () => Promise<void>): Promise<Ended> {
  const source = `
    import { Producer } from ${JSON.stringify(CLIENT)};
    const before = process.getActiveResourcesInfo();
    const options = { bootstrapServers: ${JSON.stringify(bootstrapServers)}, requestTimeoutMs: 300, deliveryTimeoutMs: 1000,
      bootstrapTimeoutMs: 1000, maxBlockMs: 1000 };
    const told = () => new Promise((resolve) => process.stdin.on("end", resolve).resume());
    const leftOpen = async () => {
      // Sockets that were destroyed are gone a turn later.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      const left = process.getActiveResourcesInfo().filter((one) => one !== "Immediate");
      for (const one of before) if (left.includes(one)) left.splice(left.indexOf(one), 1);
      return left.join(" ") || "nothing";
    };
    const outcome = (error) => error.code + ", " + error.verdict;
    ${body}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", source];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
  endWithThisProcess(child);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  let isReady = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (isReady || !output.includes("ready\n")) return;
    isReady = true;
    void whenReady?.().then(() => child.stdin.end());
  });
  if (whenReady === undefined) child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, lines: output.split("\n").filter((line) => line !== ""), complaints };
}

/** A program's beginning: a producer that has written once, and whose cluster is gone then. */
function untilClusterIsGone(options = "options"): string {
  return `const producer = new Producer(${options});
      await producer.send("orders", { value: "first" });
      console.log("ready");
      await told();`;
}

async function withBroker(): Promise<EmbeddedBroker> {
  const broker = await EmbeddedBroker.start({ topics: { orders: 2 } });
  onTestFinished(() => broker.close());
  return broker;
}

describe("S4: a process", { timeout: LONG_MS }, () => {
  it("that has produced, flushed and closed ends by itself, and leaves nothing open", async () => {
    const broker = await withBroker();
    const ended = await program(
      broker.bootstrapServers,
      `const producer = new Producer({ ...options, deliveryTimeoutMs: 600_000, lingerMs: 5 });
      for (let at = 0; at < 1000; at++) producer.produce("orders", { value: "record " + at });
      await producer.flush();
      await producer.close();
      console.log(await leftOpen());`,
    );
    expect(ended).toEqual({ code: 0, lines: ["nothing"], complaints: "" });
    expect(broker.records("orders", 0).length + broker.records("orders", 1).length).toBe(1000);
  });

  it("that closes while its cluster is gone ends when the time for closing is over, and leaves nothing open", async () => {
    const broker = await withBroker();
    const ended = await program(
      broker.bootstrapServers,
      `${untilClusterIsGone("{ ...options, deliveryTimeoutMs: 600_000, maxBlockMs: 600_000 }")}
      const sent = producer.send("orders", { value: "second" }).catch(outcome);
      await producer.close({ timeoutMs: 400 });
      console.log(/^CLOSED, (not|possibly) persisted$/.test(await sent));
      console.log(await leftOpen());`,
      () => broker.close(),
    );
    expect(ended).toEqual({ code: 0, lines: ["ready", "true", "nothing"], complaints: "" });
  });

  it("whose cluster was never reached ends when it has closed", async () => {
    const broker = await withBroker();
    await broker.close();
    const ended = await program(
      broker.bootstrapServers,
      `const producer = new Producer({ ...options, bootstrapTimeoutMs: 600_000, maxBlockMs: 600_000, deliveryTimeoutMs: 600_000 });
      const sent = producer.send("orders", { value: "first" }).catch(outcome);
      await producer.close({ timeoutMs: 200 });
      console.log(await sent, await leftOpen());`,
    );
    expect(ended).toEqual({ code: 0, lines: ["CLOSED, not persisted nothing"], complaints: "" });
  });

  it("does not end before a record has failed that nobody takes: a send that is awaited rejects", async () => {
    const broker = await withBroker();
    const ended = await program(
      broker.bootstrapServers,
      `${untilClusterIsGone()}
      console.log((await producer.send("orders", { value: "second" }).catch(outcome)).replace(/ .*/, ""));
      await producer.close({ timeoutMs: 0 });`,
      () => broker.close(),
    );
    expect(ended).toEqual({ code: 0, lines: ["ready", "REQUEST_TIMEOUT,"], complaints: "" });
  });

  it("does not end before a callback is told either, though nobody awaits anything", async () => {
    const broker = await withBroker();
    const ended = await program(
      broker.bootstrapServers,
      `${untilClusterIsGone()}
      producer.produce("orders", { value: "second" }, (error) => {
        console.log(error.code);
        void producer.close({ timeoutMs: 0 });
      });`,
      () => broker.close(),
    );
    expect(ended).toEqual({ code: 0, lines: ["ready", "REQUEST_TIMEOUT"], complaints: "" });
  });
});
