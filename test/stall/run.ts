/** `npm run -s stall [-- --block 30 --session 10 --protocol classic --broker kafka]`: a handler that blocks the event loop, and what comes of it. */
import { parseArgs } from "node:util";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { startKafka } from "../support/kafka/kafka-node.ts";
import { shortSessions, stall } from "./stall.ts";

const USAGE = `usage: npm run -s stall -- [--block 30] [--session 10] [--protocol classic|consumer] [--broker kafka|embedded]
--block: for how many seconds; --session: after how many seconds of silence the coordinator gives a member up (6 at least); with --protocol
consumer members do not know it, and heartbeats come every five seconds`;
/** Of brokers, with KIP-848. */
const HEARTBEAT_MS = 5_000;

const { values } = parseArgs({
  options: {
    block: { type: "string", default: "30" },
    session: { type: "string" },
    protocol: { type: "string", default: "classic" },
    broker: { type: "string", default: "kafka" },
    help: { type: "boolean", default: false },
  },
});
const groupProtocol = oneOf("protocol", values.protocol, ["classic", "consumer"]);
const blockMs = msOf("block", values.block);
const sessionTimeoutMs = msOf("session", values.session ?? (groupProtocol === "classic" ? "10" : "45"));
const heartbeatIntervalMs = groupProtocol === "classic" ? 1_000 : HEARTBEAT_MS;
const brokerName = oneOf("broker", values.broker, ["kafka", "embedded"]);
if (values.help) {
  console.log(USAGE);
} else {
  const broker = await started();
  const startedMs = performance.now();
  const tell = (text: string): void => console.log(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s: ${text}`);
  try {
    const { bootstrapServers } = broker;
    const findings = await stall({ bootstrapServers, groupProtocol, sessionTimeoutMs, heartbeatIntervalMs, blockMs, tell });
    for (const { what, isSo, seen } of findings) console.log(isSo ? `ok      ${what}` : `FAILED  ${what}: ${JSON.stringify(seen)}`);
    const failed = findings.filter(({ isSo }) => !isSo).length;
    console.log(`${findings.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await broker.stop();
  }
}

async function started(): Promise<{ readonly bootstrapServers: string; stop(): Promise<void> }> {
  const configs = groupProtocol === "consumer" ? shortSessions(sessionTimeoutMs, HEARTBEAT_MS) : {};
  if (brokerName === "kafka") return startKafka({ properties: configs });
  const broker = await EmbeddedBroker.start({ configs });
  return { bootstrapServers: broker.bootstrapServers, stop: () => broker.close() };
}

function msOf(name: string, text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) usageError(`--${name} takes seconds, not '${text}'`);
  return seconds * 1000;
}

function oneOf<T extends string>(name: string, text: string, names: readonly T[]): T {
  const found = names.find((one) => one === text);
  return found ?? usageError(`--${name} takes ${names.join(" or ")}, not '${text}'`);
}

function usageError(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}
