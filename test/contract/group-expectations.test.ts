// The table of what users of kafka-python's consumer are used to in groups: kafka-python does what it says of it, and we what it says of us.

import { afterAll, beforeAll, expect } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { groupExpectations } from "./group-expectations.ts";
import { type GroupExpectation, GroupExpectationStage } from "./group-expectations-stage.ts";
import { playOurs, playTheirs } from "./kafka-python-table.ts";

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ asVersion: "4.3" });
});

afterAll(async () => {
  await broker.close();
  expect(broker.failures).toEqual([]);
});

async function shown({ show }: GroupExpectation): Promise<unknown> {
  const stage = new GroupExpectationStage(broker);
  try {
    // As it is now: listeners are called once more when everything is closed.
    return structuredClone(await show(stage));
  } finally {
    await stage.close();
  }
}

playOurs("in a group, who comes from kafka-python", groupExpectations, shown);

playTheirs("kafka-python itself, in a group", {
  program: "kafka_python_group_expectations.py",
  rows: groupExpectations,
  bootstrapServers: () => broker.bootstrapServers,
});
