// The same requests, sent to the embedded broker: what we read of its answers must hold for their bytes as for those of a real one.
// Whether they say the same as a real broker's is compared in test/contract.

import { afterAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { type ApiName, apiByKey } from "../../src/protocol/index.ts";
import { Ledger, rangesOf } from "./ledger.ts";
import { Live, type LiveBroker } from "./live.ts";
import { ADMIN, ADMIN_PASSWORD } from "./node-settings.ts";
import { refusedVersions, scripts } from "./requests.ts";
import type { Script, Stage } from "./script.ts";
import { prepareStage } from "./stage.ts";

/** Scripts that ask for something that the embedded broker has not got. */
const beyond: ReadonlyMap<ApiName, string> = new Map<ApiName, string>([
  ["DescribeClientQuotas", "there are no quotas to set"],
  ["DescribeConfigs", "there are no loggers whose levels could be told"],
  ["DescribeLogDirs", "memory is no volume whose size could be told"],
  ["IncrementalAlterConfigs", "there are no client metrics to subscribe to"],
  ["ListConfigResources", "there are no client metrics to be listed"],
]);

interface Offered {
  readonly name: ApiName;
  readonly versions: readonly number[];
}

interface Opened {
  readonly embedded: EmbeddedBroker;
  readonly broker: LiveBroker;
  readonly stage: Stage;
  readonly offered: readonly Offered[];
}

const ledger = new Ledger();
// Before the tests are collected: the broker's own list names them.
const { embedded, broker, stage, offered } = await open();

async function open(): Promise<Opened> {
  const sasl = { users: { [ADMIN]: ADMIN_PASSWORD }, mechanisms: ["PLAIN", "SCRAM-SHA-256"] as const, maxReauthMs: 3_600_000 };
  const started = await EmbeddedBroker.start({ asVersion: "4.3", sasl });
  const [node] = started.nodes;
  if (node === undefined) throw new Error("the embedded broker has no node");
  const live = await Live.connect(node, ledger);
  const { apiKeys } = await live.send("ApiVersions", 4, { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" });
  const prepared = await prepareStage(live, new Set(apiKeys.map(({ apiKey }) => apiKey)));
  await live.close();
  return { embedded: started, broker: node, stage: prepared, offered: apiKeys.map(offeredVersions) };
}

function offeredVersions({ apiKey, minVersion, maxVersion }: { apiKey: number; minVersion: number; maxVersion: number }): Offered {
  const name = apiByKey(apiKey)?.name as ApiName;
  const all = Array.from({ length: maxVersion - minVersion + 1 }, (_, index) => minVersion + index);
  return { name, versions: all.filter((version) => !(refusedVersions.get(name) ?? []).includes(version)) };
}

describe("the embedded broker understands what we send, and we understand its answers", () => {
  afterAll(() => embedded.close());

  for (const { name, versions } of offered.filter((it) => !beyond.has(it.name))) {
    test(`${name} ${rangesOf(versions)}`, async () => {
      const script: Script | undefined = scripts[name];
      if (script === undefined) throw new Error(`test/live/requests.ts has no script for ${name}`);
      for (const version of versions) {
        const live = await Live.connect(broker, ledger);
        await script(live, version, stage);
        expect(ledger.has(name, version), `its script asks ${name} v${version}`).toBe(true);
        await live.close();
      }
    });
  }

  test("it met no error of its own", () => {
    expect(embedded.failures.map(({ stack }) => stack)).toEqual([]);
  });
});
