/** The embedded broker in a process of its own: what it costs is not the client's. Run by itself, it prints `host:port` and ends with its input. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EmbeddedBroker } from "../../src/broker/index.ts";

const OWN_PATH = fileURLToPath(import.meta.url);

export interface ChildBroker {
  readonly bootstrapServers: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startChildBroker(): Promise<ChildBroker> {
  const child = spawn(process.execPath, ["--import", "tsx", OWN_PATH], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    bootstrapServers: String(line),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

if (process.argv[1] === OWN_PATH) {
  const broker = await EmbeddedBroker.start({ topics: { orders: 3 } });
  console.log(broker.bootstrapServers);
  process.stdin.resume();
  process.stdin.once("end", () => void broker.close());
}
