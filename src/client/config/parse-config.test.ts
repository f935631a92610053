import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { resolveAdminConfig } from "./admin-config.ts";
import { resolveConsumerConfig } from "./consumer-config.ts";
import { resolveProducerConfig } from "./producer-config.ts";

const resolvers: readonly (readonly [string, (input: object) => object])[] = [
  ["Admin", resolveAdminConfig],
  ["Producer", resolveProducerConfig],
  ["Consumer", resolveConsumerConfig],
];

function problemsOf(resolve: () => unknown): readonly string[] {
  try {
    resolve();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const admin = (input: object): readonly string[] => problemsOf(() => resolveAdminConfig(input));

describe("parseConfig", () => {
  it("takes the default for what is left out, and for undefined", () => {
    expect(resolveAdminConfig({ requestTimeoutMs: undefined })).toEqual(resolveAdminConfig({}));
    expect(resolveAdminConfig({})).toMatchObject({
      bootstrapServers: [{ host: "localhost", port: 9092 }],
      apiVersion: "auto",
      requestTimeoutMs: 30_000,
      reconnectBackoffMaxMs: 30_000,
      connectionsMaxIdleMs: 540_000,
      securityProtocol: "PLAINTEXT",
    });
  });

  it("gives a frozen configuration that does not change with what was given", () => {
    const servers = ["a:1"];
    const config = resolveAdminConfig({ bootstrapServers: servers });
    servers.push("b:2");
    expect(config.bootstrapServers).toEqual([{ host: "a", port: 1 }]);
    expect(Object.isFrozen(config) && Object.isFrozen(config.bootstrapServers)).toBe(true);
  });

  it("tells all problems at once", () => {
    const problems = admin({
      clientId: 5,
      requestTimeoutMs: 0,
      retryBackoffMs: 20,
      retryBackoffMaxMs: 10,
      nonsense: 1,
      sslCheckHostname: "yes",
    });
    expect(problems).toEqual([
      "Admin has no option 'nonsense'; docs/configuration.md lists them all",
      "clientId must be a text, not 5",
      "requestTimeoutMs must be a whole number from 1 to 2147483647, not 0",
      "sslCheckHostname must be true or false, not 'yes'",
      "retryBackoffMs (20) must not be more than retryBackoffMaxMs (10)",
    ]);
  });

  it.each([Number.NaN, 1.5, -1, 2 ** 31, "30", "30 ", null, [], {}, true, 5n, Symbol("s"), () => 1])(
    "takes whole numbers within their range only: case %#",
    (requestTimeoutMs) => {
      expect(admin({ requestTimeoutMs })).toEqual([
        expect.stringMatching(/^requestTimeoutMs must be a whole number from 1 to 2147483647, not /),
      ]);
    },
  );

  it.each([
    ["bootstrap_servers", "write bootstrapServers"],
    ["bootstrap.servers", "write bootstrapServers, or pass properties with dots through configFromProperties()"],
    ["metadata.broker.list", "write bootstrapServers, or pass properties with dots through configFromProperties()"],
    ["brokers", "write bootstrapServers"],
    ["ssl", "write securityProtocol"],
    ["bootstrapServer", "did you mean bootstrapServers?"],
    ["BOOTSTRAPSERVERS", "did you mean bootstrapServers?"],
    ["clinetId", "did you mean clientId?"],
    ["request_timeout", "did you mean requestTimeoutMs?"],
    ["reconnectBackofMs", "did you mean reconnectBackoffMs?"],
  ])("says what to write instead of %s", (name, advice) => {
    expect(admin({ [name]: "localhost:9092" })).toEqual([`Admin has no option '${name}'; ${advice}`]);
  });

  it("tells whose option it is", () => {
    expect(admin({ groupId: "g", linger_ms: 5, allowAutoCreateTopics: true })).toEqual([
      "Admin has no option 'groupId': it is an option of Consumer",
      "Admin has no option 'linger_ms': it is an option of Producer",
      "Admin has no option 'allowAutoCreateTopics': it is an option of Producer and Consumer",
    ]);
    expect(problemsOf(() => resolveConsumerConfig(Object.fromEntries([["group_id", "g"]])))).toEqual([
      "Consumer has no option 'group_id'; write groupId",
    ]);
  });

  it.each(["selector", "socket_options", "proxy_url", "sslContext", "metric_reporters"])("explains why there is no %s", (name) => {
    expect(admin({ [name]: 1 })).toEqual([expect.stringMatching(/^Admin has no option '\w+': \S+ \S+/)]);
  });

  it("refuses what is not supported yet, and what cannot be, instead of ignoring it", () => {
    expect(admin({ saslMechanism: "PLAIN", sslCertfile: "a.pem", sendBufferBytes: 1 })).toEqual([
      expect.stringContaining("sendBufferBytes: Node cannot"),
      "sslCertfile: certificates of our own (mutual TLS) are not supported yet",
      "saslMechanism: SASL is not supported yet; so far securityProtocol is PLAINTEXT or SSL",
    ]);
    expect(admin({ securityProtocol: "SASL_SSL" })).toEqual([expect.stringContaining("SASL is not supported yet")]);
  });

  it("does not print a password, whatever is wrong with it", () => {
    const printed = admin({ saslPlainPassword: "hunter2", sslPassword: "hunter2", sslKey: "hunter2" }).join();
    expect(printed).not.toContain("hunter2");
  });

  it("does not look at rules between options that are wrong by themselves", () => {
    expect(admin({ retryBackoffMs: "many", retryBackoffMaxMs: 1 })).toHaveLength(1);
  });

  it("wants TLS for what has an effect with TLS only", () => {
    expect(admin({ sslCafile: "ca.pem", sslCheckHostname: false })).toEqual([
      "sslCafile has no effect with securityProtocol PLAINTEXT: set it to SSL",
      "sslCheckHostname has no effect with securityProtocol PLAINTEXT: set it to SSL",
    ]);
    expect(resolveAdminConfig({ securityProtocol: "ssl", sslCafile: "ca.pem", sslCheckHostname: false })).toMatchObject({
      securityProtocol: "SSL",
    });
  });

  it.each([
    [],
    new Map([["clientId", "a"]]),
    "clientId",
    5,
    null,
    new (class Options {
      clientId = "a";
    })(),
  ])("takes plain objects only: case %#", (input: unknown) => {
    expect(problemsOf(() => Reflect.apply(resolveAdminConfig, undefined, [input]))).toEqual([
      expect.stringMatching(/^the options must be a plain object, not /),
    ]);
  });

  it("knows nothing by the names of every object's own", () => {
    const hostile: object = JSON.parse('{"__proto__": {"clientId": "x"}, "constructor": 1, "toString": 1, "hasOwnProperty": 1}');
    expect(admin(hostile)).toHaveLength(4);
    expect(resolveAdminConfig(Object.assign(Object.create(null), { clientId: "a" }))).toMatchObject({ clientId: "a" });
  });

  it("survives getters and proxies that throw", () => {
    const angry = (): never => {
      throw new Error("no");
    };
    expect(
      admin({
        get clientId() {
          return angry();
        },
      }),
    ).toEqual(["'clientId' cannot be read: its getter throws"]);
    expect(admin(new Proxy({}, { ownKeys: angry }))).toEqual(["the options cannot be read: looking at them throws"]);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(admin({ bootstrapServers: proxy, apiVersion: proxy, logger: proxy, requestTimeoutMs: proxy })).toHaveLength(4);
    expect(admin(proxy)).toHaveLength(1);
  });

  it.each(resolvers)("gives a configuration or a ConfigError for anything: %s", (_, resolve) => {
    const names = Object.keys(resolve({}));
    const key = fc.oneof(fc.constantFrom(...names), fc.constantFrom("__proto__", "constructor", "prototype"), fc.string());
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
      fc.integer(),
      fc.double(),
      fc.string(),
    );
    const entries = fc.array(fc.tuple(key, value), { maxLength: 12 });
    fc.assert(
      fc.property(entries, (given) => {
        const input = Object.defineProperties(
          {},
          Object.fromEntries(given.map(([name, one]) => [name, { value: one, enumerable: true, configurable: true }])),
        );
        const problems = problemsOf(() => resolve(input));
        for (const problem of problems) expect(problem).toMatch(/^[^\n\r]+$/);
        expect(Object.hasOwn(Object.prototype, "clientId")).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe("defaults that depend on other options", () => {
  it("make room for what was given", () => {
    expect(
      resolveAdminConfig({
        retryBackoffMs: 5000,
        reconnectBackoffMs: 60_000,
        socketConnectionSetupTimeoutMs: 40_000,
        requestTimeoutMs: 600_000,
      }),
    ).toMatchObject({
      retryBackoffMaxMs: 5000,
      reconnectBackoffMaxMs: 60_000,
      socketConnectionSetupTimeoutMaxMs: 40_000,
      defaultApiTimeoutMs: 600_000,
      connectionsMaxIdleMs: 600_001,
    });
  });

  it("switch idempotence off where it cannot be, unless somebody wants it", () => {
    expect(resolveProducerConfig({})).toMatchObject({ enableIdempotence: true, acks: -1, deliveryTimeoutMs: 120_000 });
    expect(resolveProducerConfig({ acks: 1 }).enableIdempotence).toBe(false);
    expect(resolveProducerConfig({ maxInFlightRequestsPerConnection: 6 }).enableIdempotence).toBe(false);
    expect(problemsOf(() => resolveProducerConfig({ acks: 1, retries: 0, enableIdempotence: true }))).toEqual([
      "enableIdempotence needs acks 'all', not 1 and retries of at least 1",
    ]);
    expect(problemsOf(() => resolveProducerConfig({ acks: 0, transactionalId: "t", enableIdempotence: false }))).toEqual([
      "transactionalId needs acks 'all', not 0",
      "transactionalId needs enableIdempotence: leave it out, or true",
    ]);
  });

  it("give a record time for at least one request", () => {
    expect(resolveProducerConfig({ requestTimeoutMs: 200_000 }).deliveryTimeoutMs).toBe(200_000);
    expect(problemsOf(() => resolveProducerConfig({ deliveryTimeoutMs: 100 }))).toEqual([
      "deliveryTimeoutMs (100) must be at least lingerMs + requestTimeoutMs (30000)",
    ]);
  });

  it("let a producer's calls take as long as any client's, unless there is a time for its own", () => {
    expect(resolveProducerConfig({ requestTimeoutMs: 70_000 }).maxBlockMs).toBe(60_000);
    expect(resolveProducerConfig({ defaultApiTimeoutMs: 90_000 }).maxBlockMs).toBe(90_000);
    expect(resolveProducerConfig({ defaultApiTimeoutMs: 90_000, maxBlockMs: 5 }).maxBlockMs).toBe(5);
  });

  it("T17: deliver nothing later than the coordinator would abort its transaction", () => {
    expect(resolveProducerConfig({ transactionalId: "t" }).deliveryTimeoutMs).toBe(60_000);
    expect(resolveProducerConfig({ transactionalId: "t", transactionTimeoutMs: 10_000 }).deliveryTimeoutMs).toBe(30_000);
    expect(problemsOf(() => resolveProducerConfig({ transactionalId: "t", deliveryTimeoutMs: 90_000 }))).toEqual([
      "deliveryTimeoutMs (90000) must not be more than transactionTimeoutMs (60000): the transaction would be aborted meanwhile",
    ]);
  });

  it("commit by themselves with a group only", () => {
    expect(resolveConsumerConfig({}).enableAutoCommit).toBe(false);
    expect(resolveConsumerConfig({ groupId: "g" }).enableAutoCommit).toBe(true);
    expect(problemsOf(() => resolveConsumerConfig({ enableAutoCommit: true, groupInstanceId: "me" }))).toEqual([
      "groupInstanceId needs a groupId",
      "enableAutoCommit needs a groupId",
    ]);
  });

  it("let answers be as large as what is asked for", () => {
    expect(resolveConsumerConfig({ fetchMaxBytes: 200_000_000 }).receiveMessageMaxBytes).toBe(201_048_576);
    expect(problemsOf(() => resolveConsumerConfig({ receiveMessageMaxBytes: 1_000_000 }))).toHaveLength(1);
  });
});

describe("a producer's rules", () => {
  it.each([
    [{ compressionLevel: 5 }, "compressionLevel has no effect with compression 'none': leave it out"],
    [{ compression: "gzip" as const, compressionLevel: 10 }, "compressionLevel (10) must be from 1 to 9 with compression 'gzip'"],
    [
      { maxRequestSize: 2, bufferMemory: 1 },
      "maxRequestSize (2) must not be more than bufferMemory (1): the largest record would never fit",
    ],
    [{ acks: 2 }, "acks must be 'all', -1, 0 or 1, not 2"],
    [
      { partitioner: "crc32" },
      "partitioner must be one of default, roundRobin, random, consistent, consistentRandom, murmur2, murmur2Random, fnv1a, fnv1aRandom, not 'crc32'",
    ],
    [{ partitionerRackAware: true }, "partitionerRackAware needs clientRack"],
    [{ transactionTimeoutMs: 1000 }, "transactionTimeoutMs has no effect without transactionalId: leave it out"],
    [{ partitionerRackAware: true, clientRack: " " }, "partitionerRackAware needs clientRack"],
    [
      { partitionerAdaptive: false, partitionerAvailabilityTimeoutMs: 1 },
      "partitionerAvailabilityTimeoutMs has no effect without partitionerAdaptive: leave it out",
    ],
    [
      { partitioner: "roundRobin", partitionerAdaptive: false },
      "partitionerAdaptive has no effect with the partitioner 'roundRobin': leave it out",
    ],
    [
      { partitioner: "consistent", partitionerIgnoreKeys: true },
      "partitionerIgnoreKeys has no effect with the partitioner 'consistent': leave it out",
    ],
    [
      { partitioner: "murmur2", partitionerRackAware: true, clientRack: "r" },
      "partitionerRackAware has no effect with the partitioner 'murmur2': leave it out",
    ],
    [
      { partitioner: (): number => 0, partitionerAvailabilityTimeoutMs: 1 },
      "partitionerAvailabilityTimeoutMs has no effect with a function as partitioner: leave it out",
    ],
    [{ keySerializer: (): string => "" }, "keySerializer must be an object with serialize(), not a function"],
  ])("case %#", (options: object, problem) => {
    expect(problemsOf(() => resolveProducerConfig(options))).toEqual([problem]);
  });
});

it("a producer's partitioners that leave records without keys open take what says where these go", () => {
  const how = {
    partitionerAdaptive: true,
    partitionerAvailabilityTimeoutMs: 5,
    partitionerIgnoreKeys: true,
    partitionerRackAware: true,
    clientRack: "r",
  };
  for (const partitioner of ["default", "random", "consistentRandom", "murmur2Random", "fnv1aRandom"] as const)
    expect(resolveProducerConfig({ partitioner, ...how })).toMatchObject(how);
  // Where this client is, it may say to every client.
  expect(resolveProducerConfig({ partitioner: "roundRobin", clientRack: "r" }).clientRack).toBe("r");
});

describe("a consumer's rules", () => {
  it.each([
    [
      { heartbeatIntervalMs: 45_000 },
      "heartbeatIntervalMs (45000) must be less than sessionTimeoutMs (45000); a third of it is usual",
    ],
    [
      { fetchMaxWaitMs: 30_000 },
      "fetchMaxWaitMs (30000) must be less than requestTimeoutMs (30000): fetches without records would time out",
    ],
    [
      { groupProtocol: "consumer" as const, sessionTimeoutMs: 1e4 },
      "sessionTimeoutMs has no effect with groupProtocol 'consumer': the broker decides it",
    ],
    [
      { groupRemoteAssignor: "uniform" },
      "groupRemoteAssignor has no effect with groupProtocol 'classic': use partitionAssignmentStrategy",
    ],
    [
      { groupInstanceId: "..", groupId: "g" },
      "groupInstanceId must be a text of at most 249 of A-Z, a-z, 0-9, '.', '_', '-', not '..'",
    ],
  ])("case %#", (options, problem) => {
    expect(problemsOf(() => resolveConsumerConfig(options))).toEqual([problem]);
  });

  it("take older words for where to begin", () => {
    const reset = (autoOffsetReset: "smallest" | "beginning" | "largest" | "end" | "error"): unknown =>
      resolveConsumerConfig({ autoOffsetReset }).autoOffsetReset;
    expect([reset("smallest"), reset("beginning"), reset("largest"), reset("end"), reset("error")]).toEqual([
      "earliest",
      "earliest",
      "latest",
      "latest",
      "none",
    ]);
    expect(resolveConsumerConfig({ autoOffsetReset: { durationMs: 5 } }).autoOffsetReset).toEqual({ durationMs: 5 });
    expect(resolveConsumerConfig({ consumerTimeoutMs: -1 }).consumerTimeoutMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("take strategies by name or by object, each once", () => {
    const own = { name: "mine", assign: () => new Map<string, readonly never[]>() };
    expect(resolveConsumerConfig({ partitionAssignmentStrategy: own }).partitionAssignmentStrategy).toEqual([own]);
    expect(problemsOf(() => resolveConsumerConfig({ partitionAssignmentStrategy: ["range", "range"] }))).toEqual([
      "partitionAssignmentStrategy must name each strategy once",
    ]);
    const odd: readonly (readonly [object, string])[] = [
      [{ rebalanceProtocol: "coop" }, "whose rebalanceProtocol is neither 'eager' nor 'cooperative'"],
      [{ userData: "mine" }, "whose userData is no function"],
    ];
    for (const [more, problem] of odd) {
      expect(problemsOf(() => resolveConsumerConfig({ partitionAssignmentStrategy: Object.assign({}, own, more) }))).toEqual([
        `partitionAssignmentStrategy must not have a strategy 'mine' ${problem}`,
      ]);
    }
  });
});
