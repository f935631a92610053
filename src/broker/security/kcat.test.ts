import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { authority, brokerCertificate, CLIENT_NAME, clientCertificate } from "../../../test/support/certificates.ts";
import { runCommand } from "../../../test/support/child-processes.ts";
import { usableOrSkipped } from "../../../test/support/java-tools.ts";
import { PASSWORD_MECHANISMS, USERS } from "../../../test/support/sasl-login.ts";
import { scratchFolder } from "../../../test/support/scratch-folder.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions, type VerifiedToken } from "../index.ts";

/** kcat tries again for so long before it says what is wrong. */
const REFUSAL_S = 3;
const isMissing = spawnSync("kcat", ["-V"]).error !== undefined;
const folder = scratchFolder();
let broker: EmbeddedBroker;

function file(name: string, content: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

/** Lists the topics; rejects with what kcat says if it cannot. */
async function kcat(settings: Readonly<Record<string, string>>, seconds = 20): Promise<string> {
  const parameters = Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
  const { stdout } = await runCommand("kcat", ["-b", broker.bootstrapServers, "-L", "-m", String(seconds), ...parameters]);
  return stdout;
}

async function start(options: EmbeddedBrokerOptions): Promise<void> {
  broker = await EmbeddedBroker.start({ topics: { orders: 3 }, ...options });
}

/** The claims of a token that nobody has signed, as librdkafka makes it for tests. */
function claimsOf(token: string): VerifiedToken | undefined {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return claims.sub === "dora" ? { user: "dora", expiresAtMs: claims.exp * 1000 } : undefined;
}

describe.skipIf(!usableOrSkipped("kcat", isMissing ? "kcat is not on PATH" : undefined))("librdkafka, by kcat", () => {
  afterEach(async () => {
    expect(broker.failures).toEqual([]);
    await broker.close();
  });
  afterAll(() => folder.remove());

  const overTls = { "security.protocol": "sasl_ssl", "ssl.ca.location": file("ca.pem", authority) };

  it.each(PASSWORD_MECHANISMS)("comes in by %s over TLS with the right password only", async (mechanism) => {
    await start({ tls: brokerCertificate, sasl: { users: USERS } });
    const alice = { ...overTls, "sasl.mechanism": mechanism, "sasl.username": "alice" };
    expect(await kcat({ ...alice, "sasl.password": USERS.alice })).toContain('topic "orders" with 3 partitions');
    await expect(kcat({ ...alice, "sasl.password": "wrong" }, REFUSAL_S)).rejects.toThrow(
      /SASL authentication error: Authentication failed/,
    );
  });

  it("is told which mechanisms there are", async () => {
    await start({ tls: brokerCertificate, sasl: { users: USERS, mechanisms: ["SCRAM-SHA-512"] } });
    const alice = { ...overTls, "sasl.mechanism": "PLAIN", "sasl.username": "alice", "sasl.password": USERS.alice };
    await expect(kcat(alice, REFUSAL_S)).rejects.toThrow(/broker's supported mechanisms: SCRAM-SHA-512/);
  });

  it("comes in by OAUTHBEARER with a token that is accepted", async () => {
    await start({ sasl: { verifyToken: claimsOf } });
    const bearer = (user: string): Readonly<Record<string, string>> => ({
      "security.protocol": "sasl_plaintext",
      "sasl.mechanism": "OAUTHBEARER",
      "enable.sasl.oauthbearer.unsecure.jwt": "true",
      "sasl.oauthbearer.config": `principal=${user}`,
    });
    expect(await kcat(bearer("dora"))).toContain('topic "orders"');
    expect(broker.journal.responses("SaslAuthenticate")[0]?.text).toBe("is User:dora");
    await expect(kcat(bearer("mallory"), REFUSAL_S)).rejects.toThrow("invalid_token");
  });

  it("comes in by its certificate", async () => {
    await start({ tls: { ...brokerCertificate, clientCa: authority } });
    const certificate = {
      "security.protocol": "ssl",
      "ssl.ca.location": file("ca.pem", authority),
      "ssl.certificate.location": file("client.pem", clientCertificate.cert),
      "ssl.key.location": file("client.key", clientCertificate.key),
    };
    expect(await kcat(certificate)).toContain('topic "orders"');
    const { text } = await broker.journal.waitFor(({ kind }) => kind === "connect");
    expect(text).toContain(` as User:${CLIENT_NAME}`);
  });
});
