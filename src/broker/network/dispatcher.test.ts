import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient, ConnectionEnded } from "../../../test/support/broker-client.ts";
import { codeOf } from "../error-codes.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions } from "../index.ts";

const brokers: EmbeddedBroker[] = [];

async function started(options: EmbeddedBrokerOptions = {}): Promise<{ broker: EmbeddedBroker; client: BrokerClient }> {
  const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, ...options });
  brokers.push(broker);
  return { broker, client: await BrokerClient.connect(broker) };
}

afterEach(async () => {
  for (const broker of brokers.splice(0)) {
    expect(broker.failures).toEqual([]);
    await broker.close();
  }
});

const frameOf = (hex: string): Buffer => {
  const body = Buffer.from(hex.replaceAll(" ", ""), "hex");
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

describe("a request", () => {
  it("about a name of the largest size is answered, the message that quotes it cut", async () => {
    const { client } = await started();
    const { groups } = await client.ask("DescribeGroups", { groups: ["g".repeat(32_767)] }, 6);
    expect(groups[0]?.errorCode).toBe(codeOf("GROUP_ID_NOT_FOUND"));
    expect(groups[0]?.errorMessage).toHaveLength(32_765);
  });

  it("may come in one chunk with as many others as fit: the first that is none ends the connection, and nothing else", async () => {
    const { broker, client } = await started();
    const question = frameOf("0012 0000 00000001 ffff");
    client.sendBytes(Buffer.concat([question, question, new Uint8Array(4 * 300_000)]));
    await expect.poll(() => client.isEnded).toBe(true);
    expect(client.strays).toHaveLength(2);
    expect([...broker.journal].at(-1)?.text).toContain("cannot be decoded");
  });

  it("is answered with its correlation id, and both are in the journal", async () => {
    const { broker, client } = await started();
    const { errorCode, apiKeys } = await client.ask("ApiVersions", { clientSoftwareName: "t", clientSoftwareVersion: "1" });
    expect(errorCode).toBe(0);
    expect(apiKeys.length).toBeGreaterThan(10);
    expect([...broker.journal].map(({ kind, api }) => api ?? kind)).toEqual(["connect", "ApiVersions", "ApiVersions"]);
  });

  it("of an ApiVersions that is not known is answered in version 0 with what is known (KIP-511)", async () => {
    const { client } = await started();
    const answer = client.ask("ApiVersions", {}, 0);
    // Version 99 with the correlation id of the question that waits.
    client.sendBytes(frameOf("0012 0063 00000001 0001 74 00 ffff"));
    await answer;
    await expect.poll(() => client.strays.length).toBe(1);
    const view = Buffer.from(client.strays[0]!);
    expect(view.readInt16BE(8)).toBe(codeOf("UNSUPPORTED_VERSION"));
    expect(view.readInt32BE(10)).toBe(1);
    expect(view.readInt16BE(14)).toBe(18);
  });

  it.each([
    ["an API that nobody knows", "7fff 0000 00000001 ffff", "asked for API 32767 v0, which is not offered"],
    ["a version that is not offered", "0003 0063 00000001 ffff", "asked for Metadata v99, which is not offered"],
    ["a body that is cut off", "0003 0001 00000001 ffff 0000", "cannot be decoded: "],
    ["a header that is cut off", "0003", "cannot be decoded: "],
    ["a string longer than the message", "0003 0001 00000001 7fff 00", "cannot be decoded: "],
  ])("with %s closes the connection, and the journal says why", async (_what, hex, reason) => {
    const { broker, client } = await started();
    client.sendBytes(frameOf(hex));
    const { text } = await broker.journal.waitFor(({ kind }) => kind === "disconnect");
    expect(text).toContain(reason);
    await expect.poll(() => client.isEnded).toBe(true);
  });

  it.each([["80000000"], ["ffffffff"], ["7fffffff"]])("of the impossible size %s closes the connection", async (hex) => {
    const { broker, client } = await started();
    client.sendBytes(Buffer.from(hex, "hex"));
    const { text } = await broker.journal.waitFor(({ kind }) => kind === "disconnect");
    expect(text).toContain("cannot be framed");
  });

  it("that comes in single bytes is the same request", async () => {
    const { broker, client } = await started();
    broker.network.weather = { splitChance: 1 };
    const { brokers: nodes } = await client.ask("Metadata", { topics: [] });
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual([1]);
  });

  it("waits for the one before it: answers come in the order of the requests", async () => {
    const { broker, client } = await started();
    broker.faults.delay({ api: "Metadata", delayMs: 20 });
    const order: string[] = [];
    const first = client.ask("Metadata", { topics: [] }).then(() => order.push("Metadata"));
    const second = client.ask("ApiVersions", {}, 0).then(() => order.push("ApiVersions"));
    await Promise.all([first, second]);
    expect(order).toEqual(["Metadata", "ApiVersions"]);
  });
});

describe("a broker that passes for an older release", () => {
  it("offers what that release offered, and hangs up on what it lacked", async () => {
    const { client } = await started({ asVersion: "0.11" });
    const { apiKeys } = await client.ask("ApiVersions", {}, 1);
    expect(apiKeys.find(({ apiKey }) => apiKey === 0)).toMatchObject({ minVersion: 0, maxVersion: 3 });
    await expect(client.ask("Metadata", { topics: [] }, 12)).rejects.toThrow(ConnectionEnded);
  });
});
