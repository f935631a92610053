// A real Apache Kafka 4.3.1 is sent a valid request of ours for every API and version that it offers, over a bare socket. Every
// answer must be read to its last byte, be encoded to the same bytes again, and be explained by annotate(); see exchange.ts.

import { afterAll, describe, expect, test } from "vitest";
import { type AnyApi, type ApiName, apiByKey, apis } from "../../src/protocol/index.ts";
import { isRealKafkaAvailable, KAFKA_VERSION, type RealKafka, startKafka } from "../support/kafka/kafka-node.ts";
import { Ledger, rangesOf } from "./ledger.ts";
import { Live } from "./live.ts";
import { nodeSettings } from "./node-settings.ts";
import * as refusals from "./refusals.ts";
import { betweenBrokers, notAdvertised, refusedVersions, scripts } from "./requests.ts";
import type { Script, Stage } from "./script.ts";
import { prepareStage } from "./stage.ts";

interface Offer {
  readonly kafka: RealKafka;
  readonly stage: Stage;
  readonly advertised: ReadonlyMap<number, readonly number[]>;
}

const ledger = new Ledger();
const started = performance.now();
// Before the tests are collected: the node's own list names them.
const offer = isRealKafkaAvailable() ? await open() : undefined;

async function open(): Promise<Offer> {
  const kafka = await startKafka({ properties: nodeSettings });
  try {
    const live = await Live.connect(kafka, ledger);
    const { apiKeys } = await live.send("ApiVersions", 4, { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" });
    const advertised = new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, range(minVersion, maxVersion)]));
    const stage = await prepareStage(live, new Set(advertised.keys()));
    await live.close();
    return { kafka, stage, advertised };
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe.skipIf(offer === undefined)(
  `a real Apache Kafka ${KAFKA_VERSION} understands what we send, and we understand its answers`,
  () => {
    const { kafka, stage, advertised } = offer ?? { kafka: undefined, stage: undefined, advertised: new Map<number, number[]>() };

    afterAll(async () => {
      await kafka?.stop();
      console.info(summary(advertised));
    });

    test("it offers no API or version that we lack", () => {
      const lacking = [...advertised].flatMap(([key, versions]) => {
        const api = apiByKey(key);
        if (api === undefined) return betweenBrokers.has(key) ? [] : [`key ${key}`];
        const missing = versions.filter((version) => !speaks(api, version));
        return missing.map((version) => `${api.name} v${version}`);
      });
      expect(lacking).toEqual([]);
    });

    test("every API that we speak is offered, but for those that the table names", () => {
      const absent = apis.filter(({ key }) => !advertised.has(key)).map(({ name }) => name);
      expect(absent).toEqual(Object.keys(notAdvertised));
    });

    for (const api of apis.filter(({ key }) => advertised.has(key))) {
      const refused = refusedVersions.get(nameOf(api)) ?? [];
      const versions = (advertised.get(api.key) ?? []).filter((version) => speaks(api, version) && !refused.includes(version));
      test(`${api.name} (${api.key}) ${rangesOf(versions)}`, async () => {
        const script: Script | undefined = Reflect.get(scripts, api.name);
        if (kafka === undefined || script === undefined) throw new Error(`test/live/requests.ts has no script for ${api.name}`);
        const failures: string[] = [];
        for (const version of versions) {
          const problem = await problemOf(kafka, stage, nameOf(api), version, script);
          if (problem !== undefined) failures.push(problem);
        }
        expect(failures.join("\n")).toBe("");
      });
    }

    test("a version of ApiVersions that it does not know is answered in version 0, and understood (KIP-511)", async () => {
      if (kafka === undefined) return;
      const live = await Live.connectAnonymously(kafka, ledger);
      try {
        const { version, errors, body } = await live.ask("ApiVersions", 5, {
          clientSoftwareName: "kafkawire",
          clientSoftwareVersion: "0",
        });
        expect({ version, errors, keys: body.apiKeys.map(({ apiKey }) => apiKey) }).toEqual({
          version: 0,
          errors: ["UNSUPPORTED_VERSION"],
          keys: [18],
        });
      } finally {
        await live.close();
      }
    });

    test.each([...refusedVersions])("%s in the versions %j is offered, but closes the connection", async (name, versions) => {
      if (kafka === undefined || stage === undefined) return;
      for (const version of versions) {
        const live = await Live.connect(kafka, ledger);
        await expect(live.ask(name, version, {})).rejects.toThrow("closed the connection");
        await live.close();
      }
    });

    test("every refusal in the table was met", () => {
      const unmet = Object.entries(refusals).filter(([, refusal]) => !ledger.hasMet(refusal));
      expect(unmet.map(([name]) => name)).toEqual([]);
    });
  },
);

/** On a connection of its own: after a request that it cannot read, a broker closes the connection. */
async function problemOf(
  kafka: RealKafka,
  stage: Stage,
  name: ApiName,
  version: number,
  script: Script,
): Promise<string | undefined> {
  const live = await Live.connect(kafka, ledger);
  try {
    await script(live, version, stage);
    return ledger.has(name, version) ? undefined : `${name} v${version}: its script does not ask it`;
  } catch (error) {
    return `${name} v${version}: ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    await live.close();
  }
}

function speaks(api: AnyApi, version: number): boolean {
  return version >= api.versions[0] && version <= api.versions[1];
}

function nameOf(api: AnyApi): ApiName {
  return api.name as ApiName;
}

function summary(advertised: ReadonlyMap<number, readonly number[]>): string {
  const beyond = apis.flatMap((api) => {
    const versions = range(...api.versions).filter(
      (version) => advertised.has(api.key) && !advertised.get(api.key)?.includes(version),
    );
    return versions.length === 0 ? [] : [`${api.name} ${rangesOf(versions)}`];
  });
  return [
    `${ledger.summary()}`,
    `not advertised by ${KAFKA_VERSION}: ${Object.entries(notAdvertised)
      .map(([name, why]) => `${name} (${why})`)
      .join("; ")}`,
    `versions not advertised by ${KAFKA_VERSION}: ${beyond.join(", ")}`,
    `${Math.round(performance.now() - started)} ms with the start of the node`,
  ].join("\n");
}
