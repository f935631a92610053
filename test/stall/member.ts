// A member of a group, in a process of its own: `node member.ts SETTINGS`. A record says when it has to stand still. What it sees and does it
// writes as a JSON object a line, at once, so that it is told before it stands still.

import { writeSync } from "node:fs";
import { Consumer, onDiagnostics, type RebalancedPartition, strings } from "../../src/index.ts";
import { type MemberLine, type MemberSettings, STAND_STILL } from "./member-lines.ts";

await run(JSON.parse(process.argv[2] ?? "{}") as MemberSettings);

async function run({
  topic,
  blockMs,
  clientId,
  sessionTimeoutMs,
  heartbeatIntervalMs,
  ...settings
}: MemberSettings): Promise<void> {
  onDiagnostics("kafkawire:warning", ({ code, text, facts }) => say({ event: "warning", code, text, facts }));
  onDiagnostics("kafkawire:consumer:rebalanced", ({ cause, lost }) => say({ event: "rebalanced", cause, lost: numbersOf(lost) }));
  const consumer = new Consumer({
    ...settings,
    clientId,
    // With KIP-848 they are the broker's.
    ...(settings.groupProtocol === "classic" && { sessionTimeoutMs, heartbeatIntervalMs }),
    autoCommitIntervalMs: 100,
    autoOffsetReset: "earliest",
    valueDeserializer: strings,
  });
  const told = (event: "assigned" | "revoked" | "lost") => (partitions: readonly RebalancedPartition[]) =>
    say({ event, partitions: numbersOf(partitions) });
  consumer.subscribe(topic, {
    onPartitionsAssigned: told("assigned"),
    onPartitionsRevoked: told("revoked"),
    onPartitionsLost: told("lost"),
  });
  process.once("SIGTERM", () => void consumer.close());
  let hasStoodStill = false;
  for await (const { partition, offset, value } of consumer) {
    say({ event: "read", partition, offset });
    if (value !== STAND_STILL || clientId !== "one" || hasStoodStill) continue;
    hasStoodStill = true;
    say({ event: "standing still" });
    // Nothing at all goes on in this thread, and it takes no processor's time from the others.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
    say({ event: "awake" });
  }
}

function numbersOf(partitions: readonly RebalancedPartition[]): readonly number[] {
  return partitions.map(({ partition }) => partition).sort((one, other) => one - other);
}

function say(line: MemberLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
