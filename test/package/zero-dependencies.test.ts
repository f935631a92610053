import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Reports every module that importing an entry point loads, through Node's own module hooks. */
const HOOKS = `
export async function load(url, context, next) {
  if (!url.startsWith("node:")) process.stderr.write("loaded " + url + "\\n");
  return next(url, context);
}`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kafkawire-alone-"));
  const built = join(folder, "dist");
  execFileSync("npx", ["tsc", "-p", "tsconfig.build.json", "--outDir", built], { cwd: ROOT });
  installAlone(built);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm install kafkawire --omit=optional` leaves behind: the packed files, and nothing beside them. */
function installAlone(built: string): void {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const packed = join(folder, "packed");
  mkdirSync(packed);
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"]) writeFileSync(join(packed, file), readFileSync(join(ROOT, file)));
  writeFileSync(join(packed, "package.json"), JSON.stringify({ ...manifest, scripts: {} }));
  execFileSync("cp", ["-r", built, join(packed, "dist")]);
  const tarball = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: packed, encoding: "utf8" }).trim();
  const alone = join(folder, "alone");
  mkdirSync(alone);
  writeFileSync(join(alone, "package.json"), JSON.stringify({ name: "alone", private: true, type: "module" }));
  execFileSync("npm", ["install", "--silent", "--omit=optional", "--offline", "--no-audit", "--no-fund", join(folder, tarball)], {
    cwd: alone,
  });
  writeFileSync(join(alone, "hooks.mjs"), HOOKS);
  writeFileSync(join(alone, "register.mjs"), `import { register } from "node:module"; register("./hooks.mjs", import.meta.url);`);
}

function entryPoints(): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, "alone/node_modules/kafkawire/package.json"), "utf8"));
  return Object.keys(manifest.exports)
    .filter((name) => name !== "./package.json")
    .map((name) => name.replace(/^\./, "kafkawire"));
}

function modulesLoadedBy(entry: string): readonly string[] {
  const script = `const loaded = await import(${JSON.stringify(entry)}); if (Object.keys(loaded).length === 0) throw new Error("exports nothing");`;
  const child = spawnSync(process.execPath, ["--import", "./register.mjs", "--input-type=module", "--eval", script], {
    cwd: join(folder, "alone"),
    encoding: "utf8",
  });
  expect(child.status, child.stderr).toBe(0);
  return [...child.stderr.matchAll(/^loaded (.*)$/gm)].map((match) => match[1] ?? "");
}

describe("the package, installed alone in an empty folder", () => {
  it("brings no other package with it", () => {
    const installed = execFileSync("ls", ["-A", "node_modules"], { cwd: join(folder, "alone"), encoding: "utf8" }).split("\n");
    expect(installed.filter((name) => name !== "" && !name.startsWith("."))).toEqual(["kafkawire"]);
  });

  it("loads only its own modules and Node's, whichever entry point is imported", () => {
    for (const entry of entryPoints()) {
      const loaded = modulesLoadedBy(entry).filter((url) => !url.startsWith("data:") && !url.includes("/eval"));
      expect(loaded.length, `${entry} loads something`).toBeGreaterThan(0);
      expect(loaded.filter((url) => !url.includes("/node_modules/kafkawire/dist/"))).toEqual([]);
    }
  });

  it("runs functions of a module on threads", () => {
    const handler = `
      const handled = new BroadcastChannel("handled");
      export function eachRecord({ value }) {
        handled.postMessage(Buffer.from(value).toString());
      }
      export function onClosed() {
        handled.close();
      }
    `;
    writeFileSync(join(folder, "alone/handler.mjs"), handler);
    const script = `
      import { pathToFileURL } from "node:url";
      import { Consumer, Producer } from "kafkawire";
      import { EmbeddedBroker } from "kafkawire/broker";
      const broker = await EmbeddedBroker.start({ topics: { orders: 2 } });
      const { bootstrapServers } = broker;
      const producer = new Producer({ bootstrapServers });
      await producer.sendBatch("orders", [{ value: "a", partition: 0 }, { value: "b", partition: 1 }]);
      await producer.close();
      const consumer = new Consumer({ bootstrapServers, groupId: "readers", autoOffsetReset: "earliest" });
      consumer.subscribe("orders");
      const channel = new BroadcastChannel("handled");
      const values = [];
      const handled = new Promise((resolve) => {
        channel.onmessage = ({ data }) => values.push(data) === 2 && resolve();
      });
      const stop = new AbortController();
      const running = consumer.run({ module: pathToFileURL("handler.mjs"), threads: 2, signal: stop.signal });
      await Promise.race([handled, running]);
      const threads = await consumer.threads();
      stop.abort();
      await running;
      channel.close();
      await consumer.close();
      await broker.close();
      console.log(JSON.stringify([values.sort(), threads.length]));
    `;
    // As a file: threads are given the options that Node was, and --eval is for none of them.
    writeFileSync(join(folder, "alone/main.mjs"), script);
    const child = spawnSync(process.execPath, ["main.mjs"], { cwd: join(folder, "alone"), encoding: "utf8" });
    expect([child.stdout, child.stderr]).toEqual(['[["a","b"],2]\n', ""]);
  });

  it("has a protocol that needs nothing that a browser lacks: no Buffer, no process, no Node module", () => {
    const script = `
      delete globalThis.Buffer;
      delete globalThis.setImmediate;
      globalThis.process = undefined;
      const { annotate, decodeRequest, encodeRequest, leavesOf, RecordBatch } = await import("kafkawire/protocol");
      const records = RecordBatch.encode({ compression: "lz4", records: [{ key: "k", value: "v".repeat(5000), timestamp: 1 }] });
      const body = { acks: 1, topicData: [{ name: "t", partitionData: [{ index: 0, records }] }] };
      const frame = encodeRequest({ api: "Produce", version: 9, correlationId: 1, clientId: "browser" }, body);
      const decoded = decodeRequest(frame).body.topicData[0].partitionData[0].records;
      const [record] = RecordBatch.decode(decoded);
      const covered = [...leavesOf(annotate(frame, { kind: "request" }))].reduce((sum, leaf) => sum + leaf.end - leaf.start, 0);
      console.log(JSON.stringify({ value: record.value.length, covered: covered === frame.length }));
    `;
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: join(folder, "alone"),
      encoding: "utf8",
    });
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({ value: 5000, covered: true });
  });
});
