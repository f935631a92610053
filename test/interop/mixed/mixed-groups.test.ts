// Members of ours, of Java's, kafka-python's and franz-go's in one group, on Apache Kafka: one after the other leads, while the others join,
// leave and are killed, and records keep coming. `MIXED_REBALANCES=300` makes it last longer: so many for each of the groups.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usableOrSkipped } from "../../support/java-tools.ts";
import { isRealKafkaAvailable, type RealKafka, startKafka } from "../../support/kafka/kafka-node.ts";
import { play } from "../play.ts";
import type { Stage } from "../scenario.ts";
import { runCourse } from "./course.ts";
import { type GroupVerdict, judge } from "./group-checker.ts";
import { type MixedClient, type MixedProtocol, mixedClients, speaking } from "./mixed-clients.ts";
import { MixedGroup } from "./mixed-group.ts";

const REBALANCES = Number(process.env["MIXED_REBALANCES"] ?? 10);
const TIMEOUT_MS = 120_000 + REBALANCES * 5000;
/** Members are missed after three seconds, not after the forty-five that a broker wants by default. */
const PROMPT = {
  "group.min.session.timeout.ms": "1000",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.min.heartbeat.interval.ms": "100",
  "broker.session.timeout.ms": "9000",
  "broker.heartbeat.interval.ms": "2000",
};
const PROTOCOLS: readonly MixedProtocol[] = ["range", "roundrobin", "sticky", "cooperative-sticky", "consumer"];

const { ours, java, "kafka-python": kafkaPython, "franz-go": franzGo } = mixedClients;
const present = [ours];
for (const client of [java, kafkaPython]) {
  if (usableOrSkipped(client.name, await client.prepare())) present.push(client);
}
// Go is a whole language that the project does not install.
if ((await franzGo.prepare()) === undefined) present.push(franzGo);

interface Cast {
  readonly name: string;
  /** Of those who are not of another by themselves. */
  readonly protocol: MixedProtocol;
  readonly clients: readonly MixedClient[];
}

const ofOneProtocol = PROTOCOLS.map((protocol): Cast => {
  const clients = present.filter(({ canKip848 }) => canKip848 || protocol !== "consumer");
  return { name: protocol, protocol, clients };
});
/** The coordinator moves the group to the other protocol with the first member that speaks it, and back with the last. */
const moving: Cast = {
  name: "cooperative-sticky and KIP-848 in one group",
  protocol: "cooperative-sticky",
  clients: present.filter((one) => one === ours || one === java).flatMap((client) => [client, speaking("consumer", client)]),
};

describe.skipIf(!isRealKafkaAvailable({ own: true }))(
  "a group of several clients, while members join, leave and are killed",
  () => {
    let kafka: RealKafka;
    beforeAll(async () => {
      kafka = await startKafka({ properties: PROMPT });
    });
    afterAll(() => kafka.stop());

    for (const { name, protocol, clients } of [...ofOneProtocol, moving]) {
      const names = [...new Set(clients.map((client) => client.name))].join(", ");
      it.concurrent(`${name}, with ${names}: nothing is skipped, and only what was not committed is doubled`, {
        timeout: TIMEOUT_MS,
      }, async () => {
        const run = async (stage: Stage): Promise<void> => {
          const group = new MixedGroup(stage, protocol);
          const rebalances = await runCourse(group, clients, REBALANCES);
          check(name, rebalances, judge(group.entries, group.ends), group.ends);
        };
        await play({ client: "java", name, timeoutMs: TIMEOUT_MS - 10_000, run }, kafka.bootstrapServers);
      });
    }
  },
);

function check(name: string, rebalances: number, verdict: GroupVerdict, ends: readonly number[]): void {
  const { problems, handled, again, againAfter, lost, committed } = verdict;
  const peaceful = [...againAfter].map(([member, count]) => `${count} after ${member}`).join(", ");
  const doubled = `${again} of them again (${peaceful || "all after somebody was killed"})`;
  console.info(`${name}: ${rebalances} rebalances, ${handled} records handled, ${doubled}`);
  expect(problems).toEqual([]);
  // Where the group changes its protocol, the coordinator counts by other generations from one moment to the next, and classic members are lost.
  if (name !== moving.name) {
    expect(lost).toBe(0);
    // Who lets go in peace can have committed everything: ours always have.
    expect([...againAfter.keys()].filter((member) => member.startsWith("ours"))).toEqual([]);
  }
  expect(committed).toEqual(ends);
  expect(rebalances).toBeGreaterThanOrEqual(REBALANCES);
}
