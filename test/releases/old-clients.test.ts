// Kafka's own clients of the last ten years find in an embedded broker the broker of their time.

import { beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { readExpectations } from "./expectations.ts";
import { missingOldClients, prepareOldClients, runOldClient } from "./old-client.ts";
import { BROKER_SETTINGS, nameOf, pairs } from "./pairs.ts";

const isUsable = usableOrSkipped("Apache Kafka's old clients", missingOldClients());

describe.skipIf(!isUsable)("Apache Kafka's own client", () => {
  beforeAll(prepareOldClients, 300_000);

  test.each(pairs.map((pair) => [nameOf(pair), pair] as const))("%s sees what it saw on the real one", async (name, pair) => {
    const broker = await EmbeddedBroker.start({ asVersion: pair.broker, configs: BROKER_SETTINGS });
    try {
      expect(await runOldClient(pair.client, broker.bootstrapServers)).toEqual(readExpectations()[name]);
      expect(broker.failures).toEqual([]);
    } finally {
      await broker.close();
    }
  });

  test("has a pair for each recorded one", () => {
    expect(Object.keys(readExpectations())).toEqual(pairs.map(nameOf));
  });
});
