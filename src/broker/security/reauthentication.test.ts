import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient, ConnectionEnded } from "../../../test/support/broker-client.ts";
import {
  choose,
  closeReason,
  exchangeOf,
  logIn,
  nodeCount,
  PASSWORD_MECHANISMS,
  plainToken,
  sendToken,
  USERS,
} from "../../../test/support/sasl-login.ts";
import { HeldClock } from "../held-clock.ts";
import { EmbeddedBroker, type SaslOptions } from "../index.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

let broker: EmbeddedBroker;
let clock: HeldClock;

async function start(sasl: SaslOptions = { users: USERS }): Promise<BrokerClient> {
  clock = new HeldClock(NOW_MS);
  broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, sasl });
  return BrokerClient.connect(broker);
}

afterEach(async () => {
  expect(broker.failures).toEqual([]);
  await broker.close();
});

describe("a session that ends (KIP-368)", () => {
  const REAUTH = { users: USERS, maxReauthMs: 10_000 };

  it("tells its length from SaslAuthenticate v1 on, and ends all the same for older clients", async () => {
    const client = await start(REAUTH);
    expect((await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice), 1)).sessionLifetimeMs).toBe(10_000);
    const old = await BrokerClient.connect(broker);
    expect((await logIn(old, exchangeOf("PLAIN", "alice", USERS.alice), 0)).sessionLifetimeMs).toBe(0);
    await clock.advance(10_001);
    await expect(nodeCount(old)).rejects.toThrow(ConnectionEnded);
  });

  it.each([
    ["Metadata", (client: BrokerClient) => nodeCount(client)],
    ["ApiVersions", (client: BrokerClient) => client.ask("ApiVersions", {}, 0)],
    ["a token", (client: BrokerClient) => sendToken(client, plainToken("alice", USERS.alice))],
  ] as const)("is over at the next request: %s", async (_what, ask) => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    await clock.advance(10_001);
    await expect(ask(client)).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toBe("its authentication has expired");
  });

  it.each(PASSWORD_MECHANISMS)("begins anew when the client authenticates again by %s, be it too late", async (mechanism) => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf(mechanism, "alice", USERS.alice));
    for (const waitMs of [9000, 9000, 30_000]) {
      await clock.advance(waitMs);
      expect(await logIn(client, exchangeOf(mechanism, "alice", USERS.alice))).toMatchObject({
        error: "NONE",
        sessionLifetimeMs: 10_000,
        isComplete: true,
      });
    }
    await clock.advance(10_000);
    expect(await nodeCount(client)).toBe(1);
  });

  it("may not begin anew twice within a second", async () => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    await clock.advance(999);
    expect(await choose(client, "PLAIN")).toEqual({ error: "ILLEGAL_SASL_STATE", mechanisms: [] });
    expect(await nodeCount(client)).toBe(1);
    await clock.advance(1);
    expect((await choose(client, "PLAIN")).error).toBe("NONE");
  });

  it("belongs to one user", async () => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("SCRAM-SHA-256", "alice", USERS.alice));
    expect(await logIn(client, exchangeOf("SCRAM-SHA-256", "bob", USERS.bob))).toMatchObject({
      error: "SASL_AUTHENTICATION_FAILED",
      errorMessage: "Cannot change principals during re-authentication from User.alice: User.bob",
    });
    await expect(nodeCount(client)).rejects.toThrow(ConnectionEnded);
  });

  it("ends with a wrong password, too", async () => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("SCRAM-SHA-512", "alice", USERS.alice));
    expect((await logIn(client, exchangeOf("SCRAM-SHA-512", "alice", "wrong"))).errorMessage).toBe(
      "Authentication failed during re-authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512",
    );
    await expect(nodeCount(client)).rejects.toThrow(ConnectionEnded);
  });

  it("belongs to one mechanism; as in Kafka, the handshake does not show it and the next message closes", async () => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    expect((await choose(client, "SCRAM-SHA-256")).error).toBe("NONE");
    await expect(sendToken(client, plainToken("alice", USERS.alice))).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toBe("chose SCRAM-SHA-256 to authenticate again, but is known by PLAIN");
  });

  it("ends without an answer for a mechanism that is not offered", async () => {
    const client = await start(REAUTH);
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    await expect(choose(client, "GSSAPI")).rejects.toThrow(ConnectionEnded);
  });
});
