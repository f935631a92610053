import { describe, expect, it } from "vitest";
import { authority, brokerCertificate, clientCertificate } from "../../test/support/certificates.ts";
import { BrokerOptionsError, EmbeddedBroker, type EmbeddedBrokerOptions, releases } from "./index.ts";

async function problemsOf(options: object): Promise<readonly string[]> {
  const error: unknown = await EmbeddedBroker.start(options as EmbeddedBrokerOptions).then(
    (broker) => broker.close(),
    (refused: unknown) => refused,
  );
  expect(error).toBeInstanceOf(BrokerOptionsError);
  return error instanceof BrokerOptionsError ? error.problems : [];
}

const bad: readonly (readonly [options: object, problem: string])[] = [
  [{ dataDir: "/tmp" }, "there is no option 'dataDir'"],
  [{ nodes: 0 }, "nodes must be from 1 to 100, not 0"],
  [{ nodes: 101 }, "nodes must be from 1 to 100, not 101"],
  [{ nodes: "3" }, "nodes must be from 1 to 100, not 3"],
  [{ nodes: Number.NaN }, "nodes must be from 1 to 100, not NaN"],
  [{ port: -1 }, "port -1 leaves no room for 1 nodes"],
  [{ port: 65_535, nodes: 2 }, "port 65535 leaves no room for 2 nodes"],
  [{ port: 9092.5 }, "port 9092.5 leaves no room for 1 nodes"],
  [{ asVersion: "0.9" }, `asVersion must be one of ${releases.join(", ")}, not 0.9`],
  [{ seed: 1.5 }, "seed must be a whole number, not 1.5"],
  [{ transport: "udp" }, "transport must be tcp or memory, not udp"],
  [{ transport: "memory", tls: true }, "TLS needs the tcp transport"],
  [{ rack: ["a"], nodes: 2 }, "1 racks for 2 nodes"],
  [{ rack: 1 }, "rack must be a text, or a list of texts"],
  [{ rack: [1] }, "rack must be a text, or a list of texts"],
  [{ configs: { "num.partition": "3" } }, "there is no broker configuration 'num.partition' here"],
  [{ configs: { "num.partitions": 3 } }, "configuration num.partitions must be a text"],
  [{ configs: ["num.partitions=3"] }, "configs must be an object: texts by name"],
  [
    { autoCreateTopics: true, configs: { "auto.create.topics.enable": "false" } },
    "autoCreateTopics and the configuration auto.create.topics.enable are the same: give one of them",
  ],
  [{ autoCreateTopics: "no" }, "autoCreateTopics must be true or false"],
  [{ topics: ["orders"] }, "topics must be an object: names, and a number of partitions each"],
  [{ topics: { orders: 0 } }, "topic orders cannot have 0 partitions"],
  [{ topics: { orders: 1.5 } }, "topic orders cannot have 1.5 partitions"],
  [{ topics: { orders: "3" } }, "topic orders must be a number of partitions, or an object"],
  [{ topics: { orders: { partition: 3 } } }, "topic orders has no option 'partition'"],
  [{ topics: { orders: { replicationFactor: 2 } } }, "topic orders cannot have 2 replicas on 1 nodes"],
  [{ topics: { orders: { replicationFactor: 0 } } }, "topic orders cannot have 0 replicas on 1 nodes"],
  [{ topics: { orders: { configs: { retention: "1" } } } }, "topic orders: Unknown topic config name: retention"],
  [{ topics: { orders: { configs: { "retention.ms": 1 } } } }, "configs of topic orders must be texts by name"],
  [{ journal: { maxEntries: 0 } }, "maxEntries of the journal must be a whole number from 1, not 0"],
  [{ journal: { maxMegabytes: 1 } }, "the journal has no option 'maxMegabytes'"],
  [{ clock: Date }, "clock must have now() and schedule()"],
  [{ tls: false }, "tls must be true, or an object with key and cert"],
  [{ tls: { ...brokerCertificate, key: "key.pem" } }, "key of tls must be a private key in PEM, without a passphrase"],
  [{ tls: { ...brokerCertificate, cert: "cert.pem" } }, "cert of tls must be a certificate in PEM"],
  [{ tls: { ...brokerCertificate, key: clientCertificate.key } }, "key of tls does not belong to its cert"],
  [{ tls: { ...brokerCertificate, clientCa: "ca.pem" } }, "clientCa of tls must be a certificate in PEM"],
  [{ tls: { ...brokerCertificate, ca: authority } }, "tls has no option 'ca'"],
  [{ sasl: { user: {} } }, "sasl has no option 'user'"],
  [{ sasl: { users: ["alice"] } }, "users of sasl must be an object: passwords by name"],
  [{ sasl: { users: { "": "x" } } }, "a user of sasl has a name that no client can send"],
  [{ sasl: { users: { alice: "" } } }, 'user "alice" of sasl has a password that no client can send'],
  [{ sasl: { users: { alice: "a\0b" } } }, 'user "alice" of sasl has a password that no client can send'],
  [{ sasl: { mechanisms: [] } }, "mechanisms of sasl must be a list with something in it"],
  [
    { sasl: { mechanisms: ["GSSAPI"] } },
    "there is no mechanism GSSAPI; there are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER",
  ],
  [{ sasl: { mechanisms: ["OAUTHBEARER"] } }, "OAUTHBEARER needs verifyToken"],
  [{ sasl: { verifyToken: "yes" } }, "verifyToken of sasl must be a function"],
  [{ sasl: { maxReauthMs: 0 } }, "maxReauthMs of sasl must be a whole number from 1, not 0"],
];

describe("a bad option", () => {
  it.each(bad)("%j is refused: %s", async (options, problem) => {
    expect(await problemsOf(options)).toEqual([problem]);
  });

  it("of a topic is refused by the topic's name", async () => {
    expect((await problemsOf({ topics: { "a/b": 1 } }))[0]).toContain("topic name: ");
  });

  it("is refused together with all the others, in one error", async () => {
    const options = { nodes: 0, dataDir: "/tmp", sasl: { maxReauthMs: 0 }, topics: { orders: 0 } } as EmbeddedBrokerOptions;
    await expect(EmbeddedBroker.start(options)).rejects.toThrow(
      "the embedded broker cannot start: there is no option 'dataDir'; nodes must be from 1 to 100, not 0; " +
        "maxReauthMs of sasl must be a whole number from 1, not 0; topic orders cannot have 0 partitions",
    );
    expect(await problemsOf(options)).toHaveLength(4);
  });

  it("never repeats a password or a key", async () => {
    const secret = "a-secret\0";
    const problems = await problemsOf({ sasl: { users: { alice: secret, [""]: "b-secret" } }, tls: { key: "c-secret", cert: "" } });
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain("secret");
  });
});
