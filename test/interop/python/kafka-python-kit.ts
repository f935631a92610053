import type { ClientKit } from "../scenario.ts";
import { preparePython } from "./environment.ts";
import { kafkaPythonReadsOurs } from "./ours.ts";
import { pythonScenario } from "./python-scenario.ts";
import { kafkaPythonWrites } from "./theirs.ts";

const client = "kafka-python";

/** kafka-python 3.0, written in Python from the wire up. */
export const kafkaPythonKit: ClientKit = {
  client,
  prepare: preparePython,
  scenarios: [
    pythonScenario({
      client,
      name: "produces in every codec with every kind of acknowledgement, and reads back what it sent",
      program: "kafka_python_produce.py",
    }),
    pythonScenario({
      client,
      name: "shares a topic in a group of two members, one joins and leaves, and each record is read once",
      program: "kafka_python_group.py",
    }),
    pythonScenario({
      client,
      name: "seeks, pauses, commits with metadata, and asks for beginnings, ends and offsets of timestamps",
      program: "kafka_python_offsets.py",
    }),
    pythonScenario({
      client,
      name: "subscribes a pattern, and takes up a topic that is created later",
      program: "kafka_python_pattern.py",
    }),
    pythonScenario({
      client,
      name: "commits and aborts transactions with offsets, and is fenced by its successor",
      program: "kafka_python_transactions.py",
    }),
    pythonScenario({
      client,
      name: "creates, describes, configures, extends, shortens and deletes topics",
      program: "kafka_python_topics.py",
    }),
    pythonScenario({
      client,
      name: "lists and describes groups, alters, resets and deletes their offsets, removes a member, and deletes them",
      program: "kafka_python_groups.py",
    }),
    ...kafkaPythonReadsOurs,
    ...kafkaPythonWrites,
  ],
};
