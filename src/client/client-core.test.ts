import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { brokerCertificate } from "../../test/support/certificates.ts";
import { endWithThisProcess } from "../../test/support/child-processes.ts";
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions } from "../broker/index.ts";
import { Admin } from "./admin/admin.ts";
import { ConfigError } from "./errors.ts";

const CLIENT = fileURLToPath(new URL("index.ts", import.meta.url));

async function start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const broker = await EmbeddedBroker.start(options);
  onTestFinished(() => broker.close());
  return broker;
}

describe("over TCP", () => {
  it("works as in memory", async () => {
    const broker = await start({ nodes: 3, topics: { orders: 3 } });
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    await admin.createTopics([{ name: "bills", numPartitions: 2 }]);
    expect(await admin.listTopics()).toEqual(["bills", "orders"]);
    const found = await admin.listOffsets([0, 1, 2].map((partition) => ({ topic: "orders", partition, at: "latest" })));
    expect(found.map(({ offset }) => offset)).toEqual([0, 0, 0]);
  });
});

describe("a signal", () => {
  it("may be shared by any number of calls, and rejects each with its reason as it was given, when that is no error, too", async () => {
    const broker = await start({ topics: { orders: 1 } });
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    const controller = new AbortController();
    const { signal } = controller;
    const query = { topic: "orders", partition: 0, at: "latest" } as const;
    await admin.listOffsets([query], { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    broker.journal.clear();
    broker.faults.neverAnswer({ api: "ListOffsets", times: Number.POSITIVE_INFINITY });
    const calls = Array.from({ length: 20 }, () => admin.listOffsets([query], { signal }).catch((reason: unknown) => reason));
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await broker.journal.waitFor((entry) => entry.kind === "request" && entry.api === "ListOffsets");
    controller.abort("enough");
    expect(await Promise.all(calls)).toEqual(calls.map(() => "enough"));
  });
});

describe("over TLS", () => {
  it("reads the authority's certificate when it first connects, and again after a failure", async () => {
    const broker = await start({ tls: true });
    const folder = scratchFolder();
    onTestFinished(() => folder.remove());
    const sslCafile = join(folder.path, "ca.pem");
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers, securityProtocol: "SSL", sslCafile });
    const error: unknown = await admin.listTopics().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(sslCafile);
    writeFileSync(sslCafile, broker.caCertificate ?? "");
    expect(await admin.listTopics()).toEqual([]);
  });

  it("C27: does not trust whom it does not know, and says so at once", async () => {
    const broker = await start({ tls: brokerCertificate });
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers, securityProtocol: "SSL" });
    await expect(admin.listTopics()).rejects.toThrow(/certificate/);
    expect(broker.journal.requests()).toEqual([]);
  });
});

describe("a process", () => {
  it("ends by itself once its clients are closed: idle ones, busy ones, one without a cluster; one that was never used needs not be", async () => {
    const broker = await start({ topics: { orders: 1 } });
    const gone = await start({});
    await gone.close();
    const printed = await run(`
      client(${JSON.stringify(broker.bootstrapServers)});
      const [idle, busy, unused, failed] = Array.from({ length: 4 }, () => client(${JSON.stringify(broker.bootstrapServers)}));
      const lost = client(${JSON.stringify(gone.bootstrapServers)});
      await idle.listTopics();
      await failed.describeTopics(["missing"]).catch(() => undefined);
      const calls = [busy.listTopics(), busy.describeCluster(), lost.listTopics()].map((call) => call.catch(() => undefined));
      await Promise.all([idle, busy, unused, failed, lost].map((one) => one.close()));
      await Promise.all(calls);
      report();`);
    expect(printed).toBe("[]\n");
  });

  it("keeps no socket and no timer of a thousand clients that came and went", async () => {
    const broker = await start({ topics: { orders: 1 } });
    const printed = await run(`
      for (let round = 0; round < 50; round++) {
        const admins = Array.from({ length: 20 }, () => client(${JSON.stringify(broker.bootstrapServers)}));
        await Promise.all(admins.map((admin) => admin.listTopics()));
        await Promise.all(admins.map((admin) => admin.close()));
      }
      report();`);
    expect(printed).toBe("[]\n");
    expect(broker.journal.requests("Metadata").length).toBeGreaterThanOrEqual(1000);
  });
});

/** What a process that does this prints until it ends by itself. */
async function run(lines: string): Promise<string> {
  const script = `
    import { Admin } from ${JSON.stringify(CLIENT)};
    const client = (bootstrapServers) => new Admin({ bootstrapServers });
    // What would keep the process from ending, as soon as what was closed is gone.
    const report = () => setImmediate(() => setImmediate(() =>
      console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|DNS|GetAddr/.test(name))))));
    ${lines}`;
  const options = ["--import", "tsx", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, options, { stdio: ["ignore", "pipe", "inherit"] });
  endWithThisProcess(child);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  expect(await once(child, "close")).toEqual([0, null]);
  return printed;
}
