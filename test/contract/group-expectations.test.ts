// The table of what users of kafka-python's consumer are used to in groups: kafka-python does what it says of it, and we what it says of us.

import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { preparePython, pythonWithClients } from "../interop/python/environment.ts";
import { runCommand } from "../support/child-processes.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { groupExpectations } from "./group-expectations.ts";
import { type GroupExpectation, GroupExpectationStage } from "./group-expectations-stage.ts";

const PROGRAM = fileURLToPath(new URL("../interop/python/kafka_python_group_expectations.py", import.meta.url));
const PROGRAM_MS = 180_000;

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

describe("in a group, who comes from kafka-python finds the same", () => {
  for (const row of groupExpectations.filter(({ why }) => why === undefined)) {
    test(row.what, async () => expect(await shown(row)).toEqual(row.theirs));
  }
});

describe("in a group, who comes from kafka-python finds something else", () => {
  for (const row of groupExpectations.filter(({ why }) => why !== undefined)) {
    test(`${row.what}: ${JSON.stringify(row.ours)}, for ${row.why}`, async () => {
      expect(row.ours).not.toEqual(row.theirs);
      expect(await shown(row)).toEqual(row.ours);
    });
  }
});

const missing = await preparePython();

describe.skipIf(!usableOrSkipped("kafka-python", missing?.unavailable))("kafka-python itself, in a group", () => {
  let observed: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    const suffix = `-${randomUUID()}`;
    const given = JSON.stringify({ bootstrapServers: broker.bootstrapServers, suffix });
    const { stdout } = await runCommand(await pythonWithClients(), ["-B", "-u", PROGRAM, given]);
    const lines = stdout.replaceAll(suffix, "").trimEnd().split("\n");
    observed = new Map(lines.map((line): [string, unknown] => JSON.parse(line)));
  }, PROGRAM_MS);

  test.each(groupExpectations.filter(({ luck }) => luck === undefined).map((row) => [row.what, row] as const))(
    "%s",
    (what, { theirs }) => {
      expect(observed.get(what)).toEqual(theirs);
    },
  );

  test("is observed in nothing that the table does not have", () => {
    const known = new Set(groupExpectations.map(({ what }) => what));
    expect([...observed.keys()].filter((what) => !known.has(what))).toEqual([]);
  });
});
