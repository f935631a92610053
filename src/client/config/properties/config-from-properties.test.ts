import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../errors.ts";
import { resolveAdminConfig } from "../admin-config.ts";
import { resolveConsumerConfig } from "../consumer-config.ts";
import { resolveProducerConfig } from "../producer-config.ts";
import { Secret } from "../secret.ts";
import { configFromProperties } from "./config-from-properties.ts";
import { allSettings, knownProperties, settingsByClient, topicProperties } from "./known-properties.ts";

type Defaults = Readonly<Record<string, string | null>>;

function fixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../../../fixtures/configuration/${name}.json`, import.meta.url), "utf8"));
}

const librdkafka: { readonly global: Defaults; readonly topic: Defaults; readonly hidden: readonly string[] } =
  fixture("librdkafka-2.15.0");
const javaReleases = ["4.4.0", "3.9.1"].map((release) => {
  const { clients }: { readonly clients: Readonly<Record<"admin" | "producer" | "consumer", Defaults>> } = fixture(
    `java-${release}`,
  );
  return clients;
});

function problemsOf(convert: () => unknown): readonly string[] {
  try {
    convert();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const options = (input: Readonly<Record<string, string | number | boolean>>): object => configFromProperties(input).options;

describe("every property", () => {
  const libraryNames = [...Object.keys(librdkafka.global), ...Object.keys(librdkafka.topic), ...librdkafka.hidden];
  const javaNames = javaReleases.flatMap((clients) => Object.values(clients).flatMap((defaults) => Object.keys(defaults)));

  it("of librdkafka is mapped, ignored or refused", () => {
    expect(libraryNames.length).toBeGreaterThan(200);
    expect(libraryNames.filter((name) => !knownProperties.has(name))).toEqual([]);
    expect([...topicProperties].sort()).toEqual(Object.keys(librdkafka.topic).sort());
  });

  it("of Java's clients is mapped, ignored or refused", () => {
    expect(new Set(javaNames).size).toBeGreaterThan(140);
    expect(javaNames.filter((name) => !knownProperties.has(name))).toEqual([]);
  });

  it("that is known is one of theirs", () => {
    const theirs = new Set([...libraryNames, ...javaNames]);
    expect([...knownProperties.keys()].filter((name) => !theirs.has(name))).toEqual(["ut_handle_ProduceResponse"]);
  });

  it("of librdkafka may be given with its own default", () => {
    for (const [name, text] of [...Object.entries(librdkafka.global), ...Object.entries(librdkafka.topic)]) {
      if (name === "bootstrap.servers" || name === "metadata.broker.list") continue;
      expect([name, problemsOf(() => configFromProperties({ [name]: text ?? "" }))]).toEqual([name, []]);
    }
  });

  it.each(["admin", "producer", "consumer"] as const)("of Java's %s client may be given with its own default", (client) => {
    for (const [name, text] of javaReleases.flatMap((clients) => Object.entries(clients[client]))) {
      if (name === "bootstrap.servers" || text === null) continue;
      expect([name, problemsOf(() => configFromProperties({ [name]: text }, client as "admin"))]).toEqual([name, []]);
    }
  });

  it("has a reason where it is ignored, and an option of ours where it is not", () => {
    for (const [name, { kind, note, convert }] of knownProperties) {
      expect([name, note.length > 3]).toEqual([name, true]);
      if (kind === "ignored") expect(convert("anything", new Map())).toEqual({ ignored: note });
      if (kind === "mapped")
        expect([name, note.split(/\W/).some((word) => Object.hasOwn(allSettings, word))]).toEqual([name, true]);
    }
  });
});

it("docs/configuration.md tells of every option and every property", () => {
  const page = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
  const names = [...Object.keys(allSettings), ...knownProperties.keys()];
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe("configFromProperties", () => {
  it("takes what librdkafka's users write", () => {
    const input = [
      "metadata.broker.list=a:1,b",
      "enable.auto.commit=false",
      "heartbeat.interval.ms=2000",
      "group.id=g",
      "conf.topic.auto.offset.reset=beginning",
    ];
    const { options: converted, ignored } = configFromProperties(input, "consumer");
    expect(ignored).toEqual([]);
    expect(resolveConsumerConfig(converted)).toMatchObject({
      bootstrapServers: [
        { host: "a", port: 1 },
        { host: "b", port: 9092 },
      ],
      enableAutoCommit: false,
      heartbeatIntervalMs: 2000,
      groupId: "g",
      autoOffsetReset: "earliest",
    });
  });

  it("takes what Java's users write", () => {
    const file = `
      # for the shop
      bootstrap.servers = kafka-1:9092, kafka-2:9092
      acks=all
      linger.ms=0.5
      compression.type=zstd
      compression.zstd.level=7
      compression.gzip.level=1
      partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner
      key.serializer=org.apache.kafka.common.serialization.StringSerializer
      send.buffer.bytes=131072`;
    const { options: converted, ignored } = configFromProperties(file, "producer");
    expect(resolveProducerConfig(converted)).toMatchObject({
      bootstrapServers: [
        { host: "kafka-1", port: 9092 },
        { host: "kafka-2", port: 9092 },
      ],
      acks: -1,
      lingerMs: 0.5,
      compression: "zstd",
      compressionLevel: 7,
      partitioner: "roundRobin",
    });
    expect(ignored.map(({ name }) => name)).toEqual(["compression.gzip.level", "key.serializer", "send.buffer.bytes"]);
  });

  it("of transactions are ignored for a producer without transactions", () => {
    expect(configFromProperties("transaction.timeout.ms=900000", "producer")).toEqual({
      options: {},
      ignored: [{ name: "transaction.timeout.ms", reason: "without transactional.id there are no transactions" }],
    });
    const both = ["transaction.timeout.ms=900000", "transactional.id=t"];
    expect(configFromProperties(both, "producer").options).toEqual({ transactionTimeoutMs: 900_000, transactionalId: "t" });
  });

  it.each([
    ["queue.buffering.max.kbytes", "2048", { bufferMemory: 2_097_152 }],
    ["queue.buffering.max.kbytes", "2147483647", { bufferMemory: 2_199_023_254_528 }],
    ["queue.buffering.max.messages", "10000000", { bufferMaxRecords: 10_000_000 }],
    ["queue.buffering.max.messages", "0", {}],
    ["queue.buffering.max.ms", "0.5", { lingerMs: 0.5 }],
    ["message.max.bytes", "2000000", { maxRequestSize: 2_000_000 }],
    ["compression.codec", "lz4", { compression: "lz4" }],
    ["conf.topic.compression.codec", "inherit", {}],
    ["compression.level", "-1", {}],
    ["socket.timeout.ms", "5000", { requestTimeoutMs: 5000 }],
    ["connections.max.idle.ms", "0", { connectionsMaxIdleMs: 2_147_483_647 }],
    ["message.timeout.ms", "0", { deliveryTimeoutMs: 2_147_483_647 }],
    ["request.required.acks", "-1", { acks: -1 }],
    ["default.topic.acks", "1", { acks: 1 }],
    ["topic.request.required.acks", "0", { acks: 0 }],
    ["topic.metadata.refresh.interval.ms", "1000", { metadataMaxAgeMs: 1000 }],
    ["auto.offset.reset", "by_duration:P1DT2H3M4.5S", { autoOffsetReset: { durationMs: 93_784_500 } }],
    ["auto.offset.reset", "error", { autoOffsetReset: "error" }],
    ["enable.auto.commit", "T", { enableAutoCommit: true }],
    ["partition.assignment.strategy", "cooperative-sticky,range", { partitionAssignmentStrategy: ["cooperative-sticky", "range"] }],
    [
      "partition.assignment.strategy",
      "[class org.apache.kafka.clients.consumer.RangeAssignor]".slice(1, -1),
      { partitionAssignmentStrategy: ["range"] },
    ],
    ["partitioner", "murmur2_random", { partitioner: "murmur2Random" }],
    ["partitioner", "FNV1A", { partitioner: "fnv1a" }],
    ["partitioner", "consistent_random", { partitioner: "consistentRandom" }],
    [
      "partitioner.class",
      "org.apache.kafka.clients.producer.UniformStickyPartitioner",
      { partitioner: "default", partitionerIgnoreKeys: true },
    ],
    ["partitioner.adaptive.partitioning.enable", "false", { partitionerAdaptive: false }],
    ["partitioner.availability.timeout.ms", "500", { partitionerAvailabilityTimeoutMs: 500 }],
    ["partitioner.ignore.keys", "true", { partitionerIgnoreKeys: true }],
    ["partitioner.rack.aware", "true", { partitionerRackAware: true }],
    ["client.rack", "eu-1a", { clientRack: "eu-1a" }],
    ["ssl.endpoint.identification.algorithm", "", { sslCheckHostname: false }],
    ["ssl.endpoint.identification.algorithm", "https", { sslCheckHostname: true }],
    ["ssl.ca.location", "ca.pem", { sslCafile: "ca.pem" }],
    ["enable.ssl.certificate.verification", "true", {}],
    ["security.protocol", "ssl", { securityProtocol: "ssl" }],
    ["fetch.wait.max.ms", "100", { fetchMaxWaitMs: 100 }],
    ["retries", "2147483647", { retries: 2_147_483_647 }],
  ])("converts %s=%s", (name, text, converted) => {
    expect(options({ [name]: text })).toEqual(converted);
  });

  it.each([
    ["enable.ssl.certificate.verification", "false", "a broker's certificate is always verified"],
    ["ssl.truststore.location", "trust.jks", "Java's key stores cannot be read"],
    ["enable.auto.offset.store", "false", "commit by hand"],
    ["partitioner.ignore.keys", "perhaps", "must be true or false, not 'perhaps'"],
    ["partitioner", "crc32", "must be one of default, roundRobin, random, consistent, consistentRandom"],
    ["partitioner.class", "com.example.Mine", "must be one of default, roundRobin, random"],
    ["auto.offset.reset", "by_duration:P", "must be one of earliest, latest, none"],
    ["topic.metadata.refresh.interval.ms", "-1", "must be a whole number from 1"],
    ["request.timeout.ms", "0x10", "not '0x10'"],
    ["enable.auto.commit", "yes", "must be true or false, not 'yes'"],
    ["request.required.acks", "2", "must be 'all', -1, 0 or 1, not '2'"],
    ["conf.topic.group.id", "g", "is no property of topics; write it without the prefix"],
    ["bootstrap.server", "a", "did you mean bootstrap.servers?"],
    ["bootstrap_servers", "a", "write bootstrap.servers"],
    ["consumer_timeout_ms", "1", "is an option only: pass consumerTimeoutMs to the client"],
    ["zookeeper.connect", "a", "neither in Java's clients nor in librdkafka"],
    ["__proto__x", "a", "there is no property"],
  ])("refuses %s=%s", (name, text, problem) => {
    expect(problemsOf(() => configFromProperties({ [name]: text }))).toEqual([expect.stringContaining(problem)]);
  });

  it("tells all problems at once", () => {
    const input = ["nonsense", "linger.msec=1", "acks=many", "enable.gapless.guarantee=true", "fetch.min.bytes=-1"];
    expect(problemsOf(() => configFromProperties(input))).toHaveLength(5);
  });

  it("counts the more exact of several names of the same option, in whatever order they come", () => {
    for (const order of [
      ["socket.timeout.ms=1", "request.timeout.ms=2"],
      ["request.timeout.ms=2", "socket.timeout.ms=1"],
    ]) {
      expect(configFromProperties(order)).toEqual({
        options: { requestTimeoutMs: 2 },
        ignored: [{ name: "socket.timeout.ms", reason: "request.timeout.ms is given too, and says the same thing first" }],
      });
    }
  });

  it("ignores what is for another client, when it is told which one it is for", () => {
    const file = "bootstrap.servers=a\nlinger.ms=5\ngroup.id=g";
    expect(configFromProperties(file).options).toEqual({ bootstrapServers: "a", lingerMs: 5, groupId: "g" });
    expect(configFromProperties(file, "admin")).toEqual({
      options: { bootstrapServers: "a" },
      ignored: [
        { name: "linger.ms", reason: "lingerMs is no option of an admin client" },
        { name: "group.id", reason: "groupId is no option of an admin client" },
      ],
    });
  });

  it("keeps passwords secret, in Java's form too", () => {
    const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="hunt\\"er2";';
    const { options: converted } = configFromProperties({ "sasl.jaas.config": jaas, "ssl.key.password": "hunter2" });
    expect(JSON.stringify(converted)).not.toMatch(/hunt/);
    expect(converted.saslPlainUsername).toBe("alice");
    expect(converted.saslPlainPassword instanceof Secret && converted.saslPlainPassword.reveal()).toBe('hunt"er2');
    for (const wrong of ["hunter2", "com.example.Other required password=hunter2;", jaas.replace("username", "user")]) {
      const [problem, ...more] = problemsOf(() => configFromProperties({ "sasl.jaas.config": wrong }));
      expect([problem?.includes("hunt"), more]).toEqual([false, []]);
    }
  });

  it("takes PEM stores, which Java knows as well", () => {
    const pem = {
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": "ca.pem",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": "me.pem",
    };
    expect(options(pem)).toEqual({ sslCafile: "ca.pem", sslCertfile: "me.pem", sslKeyfile: "me.pem" });
  });

  it("gives options that are refused later where they are not supported yet, and never drops them", () => {
    const { options: converted } = configFromProperties({ "sasl.mechanisms": "GSSAPI", "sasl.kerberos.keytab": "k" }, "admin");
    expect(problemsOf(() => resolveAdminConfig(converted))).toEqual([expect.stringContaining("SASL is not supported yet")]);
  });

  it("brings every number of an option there and back again", () => {
    for (const client of ["admin", "producer", "consumer"] as const) {
      for (const [option, { fallback, java = [], librdkafka: names = [], never, notYet }] of Object.entries(
        settingsByClient[client],
      )) {
        if (typeof fallback !== "number" && typeof fallback !== "boolean") continue;
        if ((never ?? notYet) !== undefined || !Number.isFinite(Number(fallback))) continue;
        for (const name of [...java, ...names]) {
          if (name === "queue.buffering.max.kbytes" || name === "ssl.endpoint.identification.algorithm") continue;
          expect([name, options({ [name]: String(fallback) })]).toEqual([name, { [option]: fallback }]);
        }
      }
    }
  });

  it("gives options or a ConfigError for anything", () => {
    const name = fc.oneof(fc.constantFrom(...knownProperties.keys()), fc.constantFrom("__proto__", "constructor"), fc.string());
    const records = fc
      .array(fc.tuple(name, fc.oneof(fc.string(), fc.anything())), { maxLength: 8 })
      .map((entries) => Object.fromEntries(entries));
    const lines = fc.array(
      fc.oneof(
        fc.string(),
        fc.tuple(name, fc.string()).map(([key, value]) => `${key}=${value}`),
      ),
      { maxLength: 8 },
    );
    const inputs = fc.oneof(
      records,
      lines,
      lines.map((all) => all.join("\n")),
      fc.anything(),
    );
    fc.assert(
      fc.property(inputs, (input) => {
        const problems = problemsOf(() => Reflect.apply(configFromProperties, undefined, [input]));
        for (const problem of problems) expect(problem).toMatch(/^[^\n\r]+$/);
      }),
      { numRuns: 500 },
    );
  });
});
