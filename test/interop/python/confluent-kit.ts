import type { ClientKit } from "../scenario.ts";
import { preparePython } from "./environment.ts";
import { confluentReadsOurs } from "./ours.ts";
import { pythonScenario } from "./python-scenario.ts";
import { confluentWrites } from "./theirs.ts";

const client = "confluent-kafka";

/** confluent-kafka, which is librdkafka 2.16 with Python around it. */
export const confluentKit: ClientKit = {
  client,
  prepare: preparePython,
  scenarios: [
    pythonScenario({
      client,
      name: "commits, aborts and interleaves transactions, and readers see what their isolation level lets them",
      program: "confluent_transactions.py",
    }),
    pythonScenario({
      client,
      name: "consumes, transforms and produces exactly once with offsets in transactions, some of them aborted",
      program: "confluent_exactly_once.py",
    }),
    pythonScenario({
      client,
      name: "is fenced by a second producer with its transactional id, and its open transaction is aborted",
      program: "confluent_fencing.py",
    }),
    pythonScenario({
      client,
      name: "creates, describes, configures, extends, shortens and deletes topics",
      program: "confluent_topics.py",
    }),
    pythonScenario({
      client,
      name: "lists and describes groups, reads and alters their offsets, and deletes them",
      program: "confluent_groups.py",
    }),
    pythonScenario({
      client,
      name: "shares partitions in a cooperative group, which takes only what another member is to have",
      program: "confluent_members.py",
      parameters: ["cooperative-sticky"],
    }),
    pythonScenario({
      client,
      name: "shares partitions in a KIP-848 group with the server's uniform assignor",
      program: "confluent_members.py",
      parameters: ["consumer"],
    }),
    pythonScenario({
      client,
      name: "shares partitions in a KIP-848 group with the server's range assignor",
      program: "confluent_members.py",
      parameters: ["consumer-range"],
    }),
    pythonScenario({
      client,
      name: "restarts a static member, which has its partitions again without a rebalance",
      program: "confluent_static.py",
    }),
    pythonScenario({
      client,
      name: "subscribes a pattern, and takes up and gives up topics as they come and go",
      program: "confluent_pattern.py",
      parameters: ["classic"],
    }),
    pythonScenario({
      client,
      name: "has the server match a pattern in a KIP-848 group, as topics come and go",
      // The server looks at a pattern again after ten seconds at the earliest, and tells a member with its next heartbeat.
      timeoutMs: 120_000,
      program: "confluent_pattern.py",
      parameters: ["consumer"],
    }),
    ...confluentReadsOurs,
    ...confluentWrites,
  ],
};
