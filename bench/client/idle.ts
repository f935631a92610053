/** `npx tsx bench/client/idle.ts [--clients 1000] [--seconds 30]`: what clients cost that are connected and do nothing. */
import { parseArgs } from "node:util";
import { Admin } from "../../src/index.ts";
import { startChildBroker } from "./child-broker.ts";

const AT_ONCE = 50;
const SETTLE_MS = 5000;
const MEGABYTE = 1e6;

const { values } = parseArgs({
  options: { clients: { type: "string", default: "1000" }, seconds: { type: "string", default: "30" } },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);

await using broker = await startChildBroker();
const rssBefore = process.memoryUsage.rss();
const admins = Array.from({ length: clients }, () => new Admin({ bootstrapServers: broker.bootstrapServers }));
for (let first = 0; first < clients; first += AT_ONCE) {
  await Promise.all(admins.slice(first, first + AT_ONCE).map((admin) => admin.describeTopics(["orders"])));
}
await pause(SETTLE_MS);
const resources = process.getActiveResourcesInfo();
const connections = resources.filter((name) => name === "TCPSocketWrap").length;
const timers = resources.filter((name) => name === "Timeout").length;
const before = process.cpuUsage();
await pause(seconds * 1000);
const { user, system } = process.cpuUsage(before);
const percent = (user + system) / (seconds * 10_000);
const megabytes = (process.memoryUsage.rss() - rssBefore) / MEGABYTE;
console.log(`${clients} clients with ${connections} connections and ${timers} timers, idle for ${seconds} s:`);
console.log(
  `${percent.toFixed(2)} % of a core; ${megabytes.toFixed(0)} MB, ${((megabytes * 1000) / clients).toFixed(1)} KB a client`,
);
await Promise.all(admins.map((admin) => admin.close()));

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
