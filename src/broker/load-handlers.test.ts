import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrokerClient } from "../../test/support/broker-client.ts";
import { type MessageFixture, messageFixtures } from "../../test/support/fixtures.ts";
import { type ApiName, apis, decodeResponse } from "../protocol/index.ts";
import { EmbeddedBroker } from "./index.ts";
import { loadHandlers } from "./load-handlers.ts";

const FOLDER = fileURLToPath(new URL("./handlers/", import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
const handlers = await loadHandlers();
const apiNames = [...handlers.values()].map(({ api }) => api.name).sort();

/** `describe-groups.ts` for DescribeGroups. */
function fileOf(apiName: string): string {
  return `${apiName.replaceAll(/(?<!^)([A-Z])/g, "-$1").toLowerCase()}.ts`;
}

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ transport: "memory", seed: 1 });
});

afterAll(() => broker.close());

describe("the handlers", () => {
  it("are the files of their folder, one for each API, and called as it is", () => {
    expect(apiNames.map(fileOf).sort()).toEqual([...files].sort());
  });

  it("are what ApiVersions advertises, and nothing else", async () => {
    const client = await BrokerClient.connect(broker);
    const { apiKeys } = await client.ask("ApiVersions", {}, 0);
    const advertised = apiKeys.map(({ apiKey }) => apis.find(({ key }) => key === apiKey)?.name);
    const withoutRelease = apiNames.filter((name) => !advertised.includes(name));
    expect(advertised.every((name) => name !== undefined && apiNames.includes(name))).toBe(true);
    expect(withoutRelease).toEqual([]);
  });
});

describe("every handler refuses", () => {
  const requests = messageFixtures().filter(
    ({ kind, name, variant }) => kind === "request" && apiNames.includes(name) && ["TYPICAL", "DEFAULTS", "MAX"].includes(variant),
  );

  it.each(apiNames.filter((name) => name !== "SaslHandshake"))(
    "%s, whatever was asked and in every version, with an answer that can be read",
    async (name) => {
      const own = requests.filter((fixture) => fixture.name === name && isServed(fixture));
      expect(own.length).toBeGreaterThan(0);
      const places = [];
      for (const fixture of own) places.push(await refused(fixture));
      expect(broker.failures).toEqual([]);
      expect(places.some((count) => count > 0)).toBe(true);
    },
  );
});

function isServed({ name, version }: MessageFixture): boolean {
  const api = apis.find((one) => one.name === name);
  // What Kafka 4 no longer answers.
  return api !== undefined && version >= api.clientVersions[0] && version <= api.clientVersions[1];
}

/** Sends Kafka's own bytes and has them refused; how many places of the answer say so. */
async function refused({ hex, name, version }: MessageFixture): Promise<number> {
  const client = await BrokerClient.connect(broker);
  const fault = broker.faults.failNext({ api: name as ApiName, error: "UNKNOWN_SERVER_ERROR" });
  const body = Buffer.from(hex, "hex");
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  client.sendBytes(Buffer.concat([size, body]));
  await expect.poll(() => client.strays.length + Number(client.isEnded)).toBeGreaterThan(0);
  fault.cancel();
  client.close();
  // Versions that this release does not offer end the connection instead.
  if (client.strays.length === 0) return 0;
  const { body: answer } = decodeResponse({ api: name as ApiName, version }, client.strays[0]!);
  return errorsIn(answer);
}

function errorsIn(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  return Object.entries(value).reduce(
    (sum, [field, inner]) => sum + (/errorCode$/i.test(field) && inner === -1 ? 1 : errorsIn(inner)),
    0,
  );
}
