/**
 * `node --expose-gc --import tsx bench/client/churn.ts [--rounds 1000]`: what is left of clients that came and went, of those that found
 * nobody, and of calls that were given up.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { Admin, BootstrapError } from "../../src/index.ts";
import { startChildBroker } from "./child-broker.ts";

const AT_ONCE = 20;
/** So many go before: what is compiled, cached and pooled once is no leak. */
const WARM_UP_ROUNDS = 200;
const MEGABYTE = 1e6;
const NOBODY = "127.0.0.1:1";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "1000" } } });
const rounds = Number(values.rounds);
const gc = globalThis.gc;
if (gc === undefined) throw new Error("run it with node --expose-gc --import tsx");

await using broker = await startChildBroker();
const held = new Set<Socket>();
/** Takes connections, and never says a word. */
const silent = createServer((socket) => held.add(socket.on("error", () => undefined).on("close", () => held.delete(socket))));
silent.listen(0, "127.0.0.1");
await once(silent, "listening");
const silentAddress = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
const lasting = new Admin({ bootstrapServers: broker.bootstrapServers });
const lastingSignal = new AbortController().signal;
const lost = new Admin({ bootstrapServers: silentAddress });

await measure("clients that were used and closed", async () => {
  const admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  await admin.describeTopics(["orders"]);
  await admin.close();
});
await measure("clients that were closed while they were calling", async () => {
  const admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const call = admin.listTopics().catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await admin.close();
  await call;
});
await measure("clients that found no bootstrap server", async () => {
  const admin = new Admin({ bootstrapServers: NOBODY, bootstrapTimeoutMs: 20 });
  const error: unknown = await admin.listTopics().catch((reason: unknown) => reason);
  if (!(error instanceof BootstrapError)) throw new Error("expected a BootstrapError", { cause: error });
  await admin.close();
});
await measure("calls that were cancelled", () => cancelled(lasting));
await measure("calls that were cancelled while nobody answered", () => cancelled(lost));
await measure("calls with a signal that outlives them", async () => {
  await lasting.listTopics({ signal: lastingSignal });
});
await lasting.close();
await lost.close();
silent.close();
for (const socket of held) socket.destroy();

async function cancelled(admin: Admin): Promise<void> {
  const abort = new AbortController();
  const call = admin.describeTopics(["orders"], { signal: abort.signal });
  const outcome = call.then(
    () => "answered",
    (reason: unknown) => (reason === abort.signal.reason ? "cancelled" : `failed: ${String(reason)}`),
  );
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  const found = await outcome;
  if (found.startsWith("failed")) throw new Error(found);
}

async function measure(what: string, once: () => Promise<void>): Promise<void> {
  await repeat(WARM_UP_ROUNDS, once);
  const before = await left();
  const startedMs = performance.now();
  await repeat(rounds, once);
  const seconds = (performance.now() - startedMs) / 1000;
  const after = await left();
  const grown = (after.heap - before.heap) / MEGABYTE;
  const resources = `sockets ${before.sockets} → ${after.sockets}, timers ${before.timers} → ${after.timers}`;
  const heap = `heap ${(before.heap / MEGABYTE).toFixed(1)} → ${(after.heap / MEGABYTE).toFixed(1)} MB`;
  console.log(
    `${rounds} ${what} (${seconds.toFixed(1)} s): ${resources}, ${heap} (${((grown * MEGABYTE) / rounds).toFixed(0)} bytes each)`,
  );
}

async function repeat(times: number, once: () => Promise<void>): Promise<void> {
  for (let done = 0; done < times; done += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, times - done) }, once));
}

/** What is there when all has come to rest. */
async function left(): Promise<{ readonly sockets: number; readonly timers: number; readonly heap: number }> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    gc?.();
  }
  const resources = process.getActiveResourcesInfo();
  const count = (name: string): number => resources.filter((one) => one === name).length;
  return { sockets: count("TCPSocketWrap"), timers: count("Timeout"), heap: process.memoryUsage().heapUsed };
}
