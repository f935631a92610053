import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient } from "../../../test/support/broker-client.ts";
import { choose, exchangeOf, logIn, type PasswordMechanism, sendToken, USERS } from "../../../test/support/sasl-login.ts";
import { type AlterUserScramCredentialsRequest, type Draft, errorCode, OAuthBearerClientExchange } from "../../protocol/index.ts";
import { HeldClock } from "../held-clock.ts";
import { EmbeddedBroker, type SaslOptions } from "../index.ts";
import { REDACTED } from "../journal/without-secrets.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

let broker: EmbeddedBroker;

async function start(sasl: SaslOptions = { users: USERS }): Promise<BrokerClient> {
  broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock: new HeldClock(NOW_MS), sasl });
  return BrokerClient.connect(broker);
}

afterEach(async () => {
  expect(broker.failures).toEqual([]);
  await broker.close();
});

describe("users that come and go while the broker runs (KIP-554)", () => {
  const SALT = Buffer.from("some salt");
  const ITERATIONS = 4096;

  async function alterUsers(body: Draft<AlterUserScramCredentialsRequest>): Promise<string[]> {
    const admin = await BrokerClient.connect(broker);
    await logIn(admin, exchangeOf("PLAIN", "alice", USERS.alice));
    const { results } = await admin.ask("AlterUserScramCredentials", body);
    return results.map(({ errorCode: code }) => errorCode(code).name);
  }

  it("log in by the mechanism that they have a credential for, until it is deleted", async () => {
    await start();
    const saltedPassword = await nodeScramCrypto.pbkdf2("SHA-512", Buffer.from("dora-secret"), SALT, ITERATIONS, 64);
    const dora = { name: "dora", mechanism: 2 };
    expect(await alterUsers({ upsertions: [{ ...dora, iterations: ITERATIONS, salt: SALT, saltedPassword }] })).toEqual(["NONE"]);
    const tryTo = async (mechanism: PasswordMechanism): Promise<string> =>
      (await logIn(await BrokerClient.connect(broker), exchangeOf(mechanism, "dora", "dora-secret"))).error;
    expect(await tryTo("SCRAM-SHA-512")).toBe("NONE");
    expect(await tryTo("SCRAM-SHA-256")).toBe("SASL_AUTHENTICATION_FAILED");
    expect(await tryTo("PLAIN")).toBe("SASL_AUTHENTICATION_FAILED");
    expect(await alterUsers({ deletions: [dora] })).toEqual(["NONE"]);
    expect(await tryTo("SCRAM-SHA-512")).toBe("SASL_AUTHENTICATION_FAILED");
  });

  it("leave no password in the journal, and nor does anybody else", async () => {
    await start({ users: USERS, verifyToken: () => undefined });
    const saltedPassword = Buffer.alloc(32, 7);
    await alterUsers({ upsertions: [{ name: "dora", mechanism: 1, iterations: ITERATIONS, salt: SALT, saltedPassword }] });
    await logIn(await BrokerClient.connect(broker), exchangeOf("SCRAM-SHA-256", "bob", USERS.bob));
    await logIn(await BrokerClient.connect(broker), exchangeOf("PLAIN", "bob", "a-wrong-secret"));
    await logIn(await BrokerClient.connect(broker), new OAuthBearerClientExchange({ token: "a.bearer.secret" }));
    const text = broker.journal.text();
    const secrets = [USERS.alice, USERS.bob, "a-wrong-secret", "a.bearer.secret"].map((secret) => Buffer.from(secret));
    for (const secret of [...secrets, saltedPassword]) {
      expect(text).not.toContain(secret.toString("hex"));
      expect(text).not.toContain(secret.toString());
    }
    const bodies = broker.journal.requests("SaslAuthenticate").map(({ body }) => body);
    expect(bodies.length).toBeGreaterThan(4);
    for (const body of bodies) expect(body).toEqual({ authBytes: REDACTED });
    expect(text).toContain(`"saltedPassword":"${REDACTED}"`);
  });
});

describe("a life with SCRAM", () => {
  it("is the same from the same seed: salts and nonces come from it", async () => {
    const answers = async (): Promise<readonly string[]> => {
      await start();
      const client = await BrokerClient.connect(broker);
      await choose(client, "SCRAM-SHA-256");
      const { bytes } = await sendToken(client, Buffer.from("n,,n=alice,r=abcdefgh"));
      await broker.close();
      return bytes.toString().split(",");
    };
    const [one, other] = [await answers(), await answers()];
    expect(one).toEqual(other);
    expect(one.map((part) => part.slice(0, 2))).toEqual(["r=", "s=", "i="]);
  });
});
