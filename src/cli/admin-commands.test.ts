import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandOutcome, outcomeOf } from "../../test/support/command-run.ts";
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { EmbeddedBroker } from "../broker/index.ts";
import { type Command, FAILED, OK, WRONG_USAGE } from "./command.ts";
import { apiVersions } from "./commands/api-versions.ts";
import { cluster } from "./commands/cluster.ts";
import { configs } from "./commands/configs.ts";
import { topics } from "./commands/topics.ts";

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ nodes: 3, topics: { orders: 3, payments: 1 }, rack: ["east", "west", "east"] });
});

afterAll(async () => {
  await broker.close();
});

/** The command as it is written, without `kafkawire` and without the address. */
const run = (command: Command, line: string, ...more: readonly string[]): Promise<CommandOutcome> =>
  outcomeOf(command, [...line.split(" ").filter((word) => word !== ""), ...more, "-b", broker.bootstrapServers]);

async function jsonOf(command: Command, line: string): Promise<unknown> {
  const { code, text } = await run(command, `${line} --json`);
  expect(code).toBe(OK);
  return JSON.parse(text);
}

describe("kafkawire topics", () => {
  it("lists topics with partitions and replicas, for people and for programs", async () => {
    const { code, text } = await run(topics, "list");
    expect(code).toBe(OK);
    expect(text).toMatch(/^TOPIC +PARTITIONS +REPLICAS\n/);
    expect(text).toMatch(/^orders +3 +3$/m);
    expect(await jsonOf(topics, "list")).toContainEqual(expect.objectContaining({ name: "payments", partitions: 1, replicas: 3 }));
  });

  it("creates, describes, grows and deletes a topic", async () => {
    expect(await run(topics, "create made --partitions 2 --config retention.ms=60000")).toMatchObject({
      code: OK,
      text: "made created\n",
    });
    const described = await run(topics, "describe made --offsets");
    expect(described.text).toMatch(/^made \(2 partitions, id [\w-]{22}\)\n/);
    expect(described.text).toMatch(/PARTITION +LEADER +EPOCH +EARLIEST +LATEST +REPLICAS +IN SYNC +OFFLINE/);
    expect(described.text).toMatch(/^ +1 +\d +0 +0 +0 +\d,\d,\d +\d,\d,\d$/m);
    expect(await run(topics, "add-partitions made 5")).toMatchObject({ code: OK, text: "made has 5 partitions now\n" });
    expect(await run(topics, "delete made")).toMatchObject({ code: OK, text: "made deleted\n" });
    expect((await run(topics, "list")).text).not.toContain("made");
  });

  it("says of each topic what failed, and tells it by the exit code", async () => {
    const { code, text } = await run(topics, "create orders fresh");
    expect(code).toBe(FAILED);
    expect(text).toMatch(/^fresh created$/m);
    expect(text).toMatch(/^failed: .*'orders'.*TOPIC_ALREADY_EXISTS/m);
    expect((await run(topics, "describe nowhere")).text).toMatch(/failed: .*'nowhere'.*UNKNOWN_TOPIC_OR_PARTITION/);
  });

  it("takes what is there already, or gone already, for done when told so", async () => {
    expect(await run(topics, "create orders --if-not-exists")).toMatchObject({ code: OK, text: "orders was there already\n" });
    expect(await run(topics, "delete nowhere --if-exists")).toMatchObject({ code: OK, text: "nowhere was not there\n" });
  });

  it("creates nothing in a dry run", async () => {
    expect(await run(topics, "create not-really --dry-run")).toMatchObject({ code: OK, text: "not-really could be created\n" });
    expect((await run(topics, "list")).text).not.toContain("not-really");
  });

  it.each([
    ["", /say what to do: list, describe, create/],
    ["lst", /there is no 'topics lst'; did you mean 'list'\?/],
    ["describe", /say which topic/],
    ["create x --partitions many", /--partitions takes a number, not 'many'/],
    ["create x --config nothing", /--config takes NAME=VALUE/],
    ["list --nonsense", /Unknown option '--nonsense'/],
    ["list --timeout soon", /--timeout takes seconds/],
    ["list --bootstrap-server elsewhere:9092", /--bootstrap-servers and --bootstrap-server are the same: give one of them/],
    ["list --properties /no/such/file", /--properties: ENOENT/],
    ["add-partitions orders", /takes a topic and how many partitions/],
  ])("explains how it is used after: topics %s", async (line, problem) => {
    const outcome = await run(topics, line);
    expect(outcome.code).toBe(WRONG_USAGE);
    expect(outcome.complaints).toMatch(problem);
    expect(outcome.complaints).toContain("Usage: kafkawire topics");
    // Nor does the help push it out of sight.
    expect(outcome.complaints).not.toContain("Connection:");
  });

  it("takes the address under the name that Kafka's own tools have for it, too", async () => {
    const { code, text } = await outcomeOf(topics, ["list", "--bootstrap-server", broker.bootstrapServers]);
    expect([code, text]).toEqual([OK, expect.stringContaining("orders")]);
  });
});

describe("kafkawire configs", () => {
  it("sets, shows and unsets settings of a topic", async () => {
    expect(await run(configs, "set topic orders retention.ms=1234 cleanup.policy+=compact")).toMatchObject({
      code: OK,
      text: "topic orders changed\n",
    });
    const { text } = await run(configs, "describe topic orders");
    expect(text).toMatch(/^retention\.ms +1234 +topic$/m);
    expect(text).toMatch(/^cleanup\.policy +delete,compact +topic$/m);
    expect(text).not.toContain("segment.bytes");
    expect((await run(configs, "describe topic orders --all --explain")).text).toMatch(/^segment\.bytes +\d+ +default +\S+/m);
    await run(configs, "unset topic orders retention.ms cleanup.policy");
    expect((await run(configs, "describe topic orders")).text).not.toContain("retention.ms");
  });

  it("shows where else a value is set", async () => {
    await run(configs, "set topic orders segment.bytes=2097152");
    expect((await run(configs, "describe topic orders --synonyms")).text).toMatch(
      /segment\.bytes +2097152 +topic +default: log\.segment\.bytes=\d+/,
    );
    await run(configs, "unset topic orders segment.bytes");
  });

  it("refuses what Kafka refuses, in a dry run too", async () => {
    const { code, text } = await run(configs, "set topic orders retention.ms=soon --dry-run");
    expect(code).toBe(FAILED);
    expect(text).toMatch(/INVALID_CONFIG/);
  });

  it("asks whose settings are meant", async () => {
    for (const line of ["describe", "describe planet mars", "set topic", "unset topic orders", "set topic orders novalue"]) {
      expect((await run(configs, line)).code, line).toBe(WRONG_USAGE);
    }
  });

  it("shows what all brokers have in common, and those of one", async () => {
    expect((await run(configs, "describe broker all")).code).toBe(OK);
    expect((await run(configs, "describe broker 2 --all")).text).toMatch(/^num\.partitions +1 +/m);
  });
});

describe("kafkawire cluster and api-versions", () => {
  it("shows the brokers, also without a word", async () => {
    const { text } = await run(cluster, "");
    expect(text).toMatch(/^cluster [\w-]{22}\nID +HOST +PORT +RACK\n/);
    expect(text).toMatch(/^ ?2 +127\.0\.0\.1 +\d+ +west/m);
    expect(text).toContain("controller");
  });

  it("shows features", async () => {
    expect((await run(cluster, "features")).text).toMatch(/^metadata\.version +\d+ +\d+ to \d+$/m);
  });

  it("shows the versions of brokers that say the same once, and of one alone", async () => {
    const { text } = await run(apiVersions, "");
    expect(text.match(/Metadata/g)).toHaveLength(1);
    expect(text).toMatch(/\(id 1\), .*\(id 2\), .*\(id 3\)\n/);
    expect(text).toMatch(/^ +18 +ApiVersions +0 +\d+ +\d+$/m);
    expect((await run(apiVersions, "--node 2")).text).toMatch(/^127\.0\.0\.1:\d+ \(id 2\)\n/);
    expect((await run(apiVersions, "--node 9")).complaints).toMatch(/no broker has the id 9/);
  });
});

describe("the connection of a command", () => {
  it("takes its options from a file, from -X and from flags, each over the one before", async () => {
    using folder = scratch();
    const file = join(folder.path, "client.properties");
    writeFileSync(file, "bootstrap.servers=127.0.0.1:1\nclient.id=from-file\n");
    expect((await run(topics, "list --properties", file, "-X", "client.id=from-x")).code).toBe(OK);
    expect(broker.journal.requests("Metadata").at(-1)?.clientId).toBe("from-x");
  });

  it("says what is wrong with its options, and where help is", async () => {
    const { code, complaints: said } = await run(topics, "list -X no.such.property=1");
    expect(code).toBe(WRONG_USAGE);
    expect(said).toMatch(/no property 'no\.such\.property'.*\nkafkawire topics --help tells more\n$/s);
  });

  it("says of each address how far it got when none answers", async () => {
    const { code, complaints } = await outcomeOf(topics, ["list", "-b", "127.0.0.1:1,[::1]:1", "--timeout", "2"]);
    expect(code).toBe(FAILED);
    expect(complaints).toMatch(/127\.0\.0\.1:1 \(tcp\): .*ECONNREFUSED/);
  });

  it("tells whoever waits what for, and with --verbose all that the client does", async () => {
    expect((await run(topics, "list")).complaints).toBe("");
    // A label is too long for any resolver to ask for: it says so without a network.
    const nowhere = `127.0.0.1:1,${"n".repeat(64)}.invalid:9092`;
    const { code, complaints } = await outcomeOf(topics, ["list", "-b", nowhere, "--timeout", "2"]);
    expect(code).toBe(FAILED);
    const [first = "", second = ""] = complaints.split("\n");
    expect([first, second].sort()).toEqual([
      expect.stringMatching(/^kafkawire topics: bootstrap server n+\.invalid:9092: the host name cannot be resolved: /),
      expect.stringMatching(/^kafkawire topics: broker 127\.0\.0\.1:1: could not connect \(tcp\): .*the next attempt is due in/),
    ]);
    expect((await run(topics, "list --verbose")).complaints).toMatch(/Metadata v\d+ .*: answered in /);
  });

  it("encrypts it, and trusts whom it is told to", async () => {
    using folder = scratch();
    const secure = await EmbeddedBroker.start({ tls: true, topics: { secret: 1 } });
    try {
      const file = join(folder.path, "ca.pem");
      writeFileSync(file, secure.caCertificate ?? "");
      const trusting = await outcomeOf(topics, ["list", "--tls-ca", file, "-b", secure.bootstrapServers]);
      expect(trusting).toMatchObject({ code: OK, text: expect.stringContaining("secret") });
      const others = await outcomeOf(topics, ["list", "--tls", "-b", secure.bootstrapServers, "--timeout", "5"]);
      expect(others).toMatchObject({ code: FAILED, complaints: expect.stringMatching(/certificate/) });
    } finally {
      await secure.close();
    }
  });
});

function scratch(): { readonly path: string } & Disposable {
  const folder = scratchFolder();
  return { path: folder.path, [Symbol.dispose]: () => folder.remove() };
}
