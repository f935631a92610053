import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { askOverTcp } from "../../../test/support/ask-over-tcp.ts";
import { outcomeOf } from "../../../test/support/command-run.ts";
import { RawConnection } from "../../../test/support/raw-connection.ts";
import { StartedCommand } from "../../../test/support/started-command.ts";
import { releases } from "../../broker/index.ts";
import { FAILED, OK, WRONG_USAGE } from "../command.ts";
import { broker } from "./broker.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

const start = (...parameters: readonly string[]): StartedCommand => new StartedCommand("broker", "--port", "0", ...parameters);

async function topicsAt(port: number): Promise<readonly (readonly [name: string | null, partitions: number])[]> {
  const connection = await RawConnection.open("127.0.0.1", port);
  await askOverTcp(connection, "ApiVersions", 3, { clientSoftwareName: "a-client", clientSoftwareVersion: "1.2" });
  const { topics } = await askOverTcp(connection, "Metadata", 12, { topics: null });
  await connection.close();
  return topics
    .map(({ name, partitions }) => [name, partitions.length] as const)
    .toSorted(([one], [other]) => String(one).localeCompare(String(other)));
}

describe("kafkawire broker", () => {
  it("serves until SIGINT, says who comes and goes, and ends with 0", async () => {
    const started = start("--nodes", "2", "--topics", "orders:3,payments", "--topics", "clicks:2");
    const [, servers = ""] = await started.line(/^listening on (127\.0\.0\.1:\d+,127\.0\.0\.1:\d+)$/);
    for (const server of servers.split(",")) {
      expect(await topicsAt(Number(server.split(":")[1]))).toEqual([
        ["clicks", 2],
        ["orders", 3],
        ["payments", 1],
      ]);
      const node = servers.split(",").indexOf(server) + 1;
      await started.line(new RegExp(`^[\\d:.]{12} {2}node ${node} {2}connection ${node} {2}disconnected: the client closed$`));
    }
    started.child.kill("SIGINT");
    expect(await started.exited).toEqual([OK, null]);
    const events = started.lines.slice(1).map((line) => line.replace(/^[\d:.]+ {2}/, "").replace(/:\d{4,5}$/, ":port"));
    expect(events).toEqual([
      "node 1  connection 1  connected from 127.0.0.1:port",
      "node 1  connection 1  is a-client 1.2",
      "node 1  connection 1  disconnected: the client closed",
      "node 2  connection 2  connected from 127.0.0.1:port",
      "node 2  connection 2  is a-client 1.2",
      "node 2  connection 2  disconnected: the client closed",
      "stopped by SIGINT",
    ]);
    expect(started.stderr).toBe("");
  });

  it("--json: every line is JSON, and with --requests every request and answer is there", async () => {
    const started = start("--json", "--requests", "--topics", "orders:3");
    const [line] = await started.line(/.*"listening".*/);
    const { bootstrapServers } = JSON.parse(line);
    await topicsAt(Number(bootstrapServers.split(":")[1]));
    await started.line(/"disconnect"/);
    started.child.kill("SIGTERM");
    expect(await started.exited).toEqual([OK, null]);
    const events = started.lines.map((text) => JSON.parse(text));
    expect(events.map(({ event, kind, api }) => [event ?? kind, api].filter(Boolean).join(" "))).toEqual([
      "listening",
      "connect",
      "request ApiVersions",
      "response ApiVersions",
      "request Metadata",
      "response Metadata",
      "disconnect",
      "stopped",
    ]);
    expect(events[3]).toMatchObject({ text: "is a-client 1.2", errors: [], node: 1, connection: 1, version: 3 });
  });

  it("--tls: prints where its certificate is, with which a client can connect, and takes it away at SIGTERM", async () => {
    const started = start("--tls");
    const [, port, file = ""] = await started.line(/^listening on 127\.0\.0\.1:(\d+), TLS; clients trust (\S+\/ca\.pem)$/);
    const socket = connect({ host: "127.0.0.1", port: Number(port), ca: readFileSync(file) });
    await once(socket, "secureConnect");
    socket.destroy();
    started.child.kill("SIGTERM");
    expect(await started.exited).toEqual([OK, null]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  it("takes the certificate away also when nobody wants to read on, as with `| head -1`", async () => {
    const started = start("--tls", "--requests");
    const [, port, file = ""] = await started.line(/^listening on 127\.0\.0\.1:(\d+), TLS; clients trust (\S+)$/);
    started.child.stdout!.destroy();
    // Who connects makes it print, into a pipe that nobody holds.
    const socket = connect({ host: "127.0.0.1", port: Number(port), ca: readFileSync(file) });
    socket.on("error", () => {});
    expect(await started.exited).toEqual([OK, null]);
    socket.destroy();
    expect(existsSync(dirname(file))).toBe(false);
  });
});

describe("the parameters of kafkawire broker", () => {
  /** The exit code, and what came to standard error. Nothing must come to standard output. */
  async function run(...parameters: readonly string[]): Promise<readonly [code: number, stderr: string]> {
    const { code, text, complaints } = await outcomeOf(broker, parameters);
    expect(text).toBe("");
    return [code, complaints];
  }

  it.each([
    [["--port", "x"], "--port takes a number, not 'x'"],
    [["--port", "65535", "--nodes", "2"], "port 65535 leaves no room for 2 nodes"],
    [["--nodes", "0"], "nodes must be from 1 to 100, not 0"],
    [["--topics", "orders:many"], "--topics orders: takes a number, not 'many'"],
    [["--topics", "orders:1:2"], "--topics takes name:partitions,… and not 'orders:1:2'"],
    [["--topics", "orders:0"], "topic orders cannot have 0 partitions"],
    [["--topics", "a/b"], "topic name: "],
    [["--as-version", "0.9"], `--as-version takes one of ${releases.join(", ")}, not '0.9'`],
    [["--config", "num.partitions"], "--config takes NAME=VALUE"],
    [["--config", "num.partition=3"], "there is no broker configuration 'num.partition' here"],
    [["--no-auto-create", "--config", "auto.create.topics.enable=true"], "are the same: give one of them"],
    [["--tls-key", "key.pem"], "--tls-key and --tls-cert go together"],
    [["--tls-key", "/no/key.pem", "--tls-cert", "/no/cert.pem"], "no such file or directory, open '/no/key.pem'"],
    [["--tls-key", MAIN, "--tls-cert", MAIN], "key of tls must be a private key in PEM"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["--nodes"], "argument missing"],
  ])("%j are refused with exit code 2, the reason and the help", async (parameters, problem) => {
    const [code, stderr] = await run(...parameters);
    expect([code, stderr]).toEqual([WRONG_USAGE, expect.stringContaining(problem)]);
    expect(stderr).toContain("Usage: kafkawire broker [options]");
  });

  it.each([
    [["--users", "alice:a-secret", "bob:b-secret"]],
    [["--users", "alice:a-secret,b-secret"]],
    [["--users", ":a-secret"]],
    [["--users", "a-secret:"]],
    [["alice:a-secret"]],
    [["--user", "alice:a-secret"]],
    [["--user=alice:a-secret"]],
    [["--tls=a-secret"]],
    [["--users", "alice:a-secret\0"]],
    [["--config", "a-secret"]],
    [["-p", "a-secret"]],
  ])("%j are refused without a word of what may be a password", async (parameters) => {
    const [code, stderr] = await run(...parameters);
    expect(code).toBe(WRONG_USAGE);
    expect(stderr.replaceAll("alice:secret", "")).not.toContain("secret");
  });

  it("name a port that somebody else listens on: exit code 1, and a way out", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await run("--port", String(port))).toEqual([
      FAILED,
      `kafkawire broker: cannot listen on 127.0.0.1:${port}: somebody else does; --port takes another one, and with 0 a free one\n`,
    ]);
    taken.close();
  });

  it("are all in the help", () => {
    const flags = [...broker.help.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
    expect(new Set(flags)).toEqual(
      new Set(
        "--port --nodes --topics --no-auto-create --as-version --users --tls --tls-key --tls-cert --config --requests --json".split(
          " ",
        ),
      ),
    );
  });
});
