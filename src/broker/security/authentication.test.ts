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
import { errorCode, OAuthBearerClientExchange, type SaslClientExchange } from "../../protocol/index.ts";
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

describe("a client that authenticates", () => {
  it.each(PASSWORD_MECHANISMS)(
    "by %s is let in with the right password, and knows that it is the right server",
    async (mechanism) => {
      const client = await start();
      expect(await logIn(client, exchangeOf(mechanism, "alice", USERS.alice))).toEqual({
        error: "NONE",
        errorMessage: "",
        sessionLifetimeMs: 0,
        isComplete: true,
      });
      expect(await nodeCount(client)).toBe(1);
      expect([...broker.journal].map(({ kind }) => kind)).not.toContain("disconnect");
      expect(broker.journal.responses("SaslAuthenticate").at(-1)?.text).toBe("is User:alice");
    },
  );

  it.each([
    ["PLAIN", "alice", "wrong", "Authentication failed: Invalid username or password"],
    ["PLAIN", "nobody", "wrong", "Authentication failed: Invalid username or password"],
    ["PLAIN", "__proto__", "wrong", "Authentication failed: Invalid username or password"],
    ...(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const).flatMap((mechanism) => [
      [
        mechanism,
        "alice",
        "wrong",
        `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
      ] as const,
      [
        mechanism,
        "nobody",
        "wrong",
        `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
      ] as const,
    ]),
  ] as const)(
    "by %s as %s with the password %s is refused in Kafka's words, and hung up on",
    async (mechanism, user, password, text) => {
      const client = await start();
      const outcome = await logIn(client, exchangeOf(mechanism, user, password));
      expect(outcome).toMatchObject({ error: "SASL_AUTHENTICATION_FAILED", errorMessage: text, isComplete: false });
      expect(await closeReason(broker)).toBe(`could not authenticate: ${text}`);
      await expect(nodeCount(client)).rejects.toThrow(ConnectionEnded);
    },
  );

  it("learns which mechanisms there are when it names one that is not offered, and is hung up on", async () => {
    const client = await start({ users: USERS, mechanisms: ["SCRAM-SHA-512", "PLAIN"] });
    expect(await choose(client, "SCRAM-SHA-256")).toEqual({
      error: "UNSUPPORTED_SASL_MECHANISM",
      mechanisms: ["SCRAM-SHA-512", "PLAIN"],
    });
    expect(await closeReason(broker)).toBe('chose the mechanism "SCRAM-SHA-256", which is not offered');
    await expect(choose(client, "PLAIN")).rejects.toThrow(ConnectionEnded);
  });

  it.each([
    [{ users: USERS }, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]],
    [{ users: USERS, verifyToken: () => undefined }, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]],
  ])("is offered every mechanism that can work", async (sasl, offered) => {
    expect((await choose(await start(sasl), "PLAIN")).mechanisms).toEqual(offered);
  });

  it("may ask for versions before, once", async () => {
    const client = await start();
    const software = { clientSoftwareName: "-", clientSoftwareVersion: "1" };
    // What was refused does not count.
    expect(errorCode((await client.ask("ApiVersions", software, 3)).errorCode).name).toBe("INVALID_REQUEST");
    expect((await client.ask("ApiVersions", {}, 0)).errorCode).toBe(0);
    await expect(client.ask("ApiVersions", {}, 0)).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toBe("asked for ApiVersions again before it authenticated");
  });

  it("may send a token too many afterwards, which is refused and forgotten", async () => {
    const client = await start();
    await logIn(client, exchangeOf("PLAIN", "alice", USERS.alice));
    expect(await sendToken(client, plainToken("alice", USERS.alice))).toMatchObject({
      error: "ILLEGAL_SASL_STATE",
      errorMessage: "SaslAuthenticate request received after successful authentication",
    });
    expect(await choose(client, "PLAIN")).toEqual({ error: "ILLEGAL_SASL_STATE", mechanisms: [] });
    expect(await nodeCount(client)).toBe(1);
  });
});

describe("a client that has not authenticated", () => {
  it.each([
    ["Metadata", (client: BrokerClient) => nodeCount(client), "asked for Metadata before it authenticated"],
    [
      "a token",
      (client: BrokerClient) => sendToken(client, plainToken("alice", USERS.alice)),
      "sent a token before it chose a mechanism",
    ],
  ] as const)("is hung up on for %s", async (_what, ask, reason) => {
    const client = await start();
    await expect(ask(client)).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toBe(reason);
  });

  it("in the middle of its exchange gets an answer for anything else, but not the one it wants, and is hung up on", async () => {
    const client = await start();
    await choose(client, "PLAIN");
    const { errorCode: code } = await client.ask("InitProducerId", { transactionalId: null, transactionTimeoutMs: 1000 });
    expect(errorCode(code).name).toBe("ILLEGAL_SASL_STATE");
    expect(await closeReason(broker)).toBe("asked for InitProducerId while it authenticated");
  });

  it("cannot choose a mechanism twice", async () => {
    const client = await start();
    await choose(client, "PLAIN");
    expect(await choose(client, "PLAIN")).toEqual({ error: "ILLEGAL_SASL_STATE", mechanisms: [] });
    await expect(sendToken(client, plainToken("alice", USERS.alice))).rejects.toThrow(ConnectionEnded);
  });

  it("cannot make the broker take in half a megabyte", async () => {
    const client = await start();
    await choose(client, "PLAIN");
    await expect(sendToken(client, Buffer.alloc(600_000, 0x61))).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toMatch(/^sent 600\d\d\d bytes before it authenticated, which is more than 524288$/);
  });
});

describe("hostile tokens", () => {
  const tokens: readonly (readonly [name: string, token: Uint8Array])[] = [
    ["an empty one", Buffer.alloc(0)],
    ["a single NUL", Buffer.alloc(1)],
    ["no UTF-8", Buffer.from("00fffe0080", "hex")],
    ["a surrogate in UTF-8", Buffer.from("00eda0800078", "hex")],
    ["a hundred NULs", Buffer.alloc(100)],
    ["100 KB", Buffer.alloc(100_000, 0x61)],
    ["half a SCRAM message", Buffer.from("n,,n=alice")],
    ["a SCRAM message that wants channel binding", Buffer.from("p=tls-unique,,n=alice,r=abc")],
    ["a SCRAM message for somebody else", Buffer.from("n,a=bob,n=alice,r=abc")],
    ["a final SCRAM message at the beginning", Buffer.from("c=biws,r=abc,p=AAAA")],
    ["half a bearer token", Buffer.from("n,,\u0001auth=Bearer ")],
  ];

  const cases = (["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"] as const).flatMap((mechanism) =>
    tokens.map(([name, token]) => [mechanism, name, token] as const),
  );

  it.each(cases)("%s: %s is refused, says nothing of what is inside, and harms nobody else", async (mechanism, _name, token) => {
    const client = await start({ users: USERS, verifyToken: () => undefined });
    await choose(client, mechanism);
    const { error, errorMessage, bytes } = await sendToken(client, token);
    expect([error, bytes.length]).toEqual(["SASL_AUTHENTICATION_FAILED", 0]);
    expect(errorMessage).toMatch(/^(Authentication failed|Invalid SASL\/PLAIN response: expected 3 tokens, got \d+$)/);
    await expect(nodeCount(client)).rejects.toThrow(ConnectionEnded);
    const other = await BrokerClient.connect(broker);
    expect(await logIn(other, exchangeOf("PLAIN", "bob", USERS.bob))).toMatchObject({ error: "NONE" });
  });
});

describe("OAUTHBEARER", () => {
  const bearer = (token: string): SaslClientExchange => new OAuthBearerClientExchange({ token });

  it("asks the option who a token stands for, and holds the session as long as the token", async () => {
    const seen: string[] = [];
    const client = await start({
      verifyToken: async (token) => {
        seen.push(token);
        return { user: "carol", expiresAtMs: NOW_MS + 5000 };
      },
    });
    expect(await logIn(client, bearer("t.o.k"))).toMatchObject({ error: "NONE", sessionLifetimeMs: 5000, isComplete: true });
    expect(seen).toEqual(["t.o.k"]);
    await clock.advance(5000);
    expect(await nodeCount(client)).toBe(1);
    await clock.advance(1);
    await expect(nodeCount(client)).rejects.toThrow(ConnectionEnded);
    expect(await closeReason(broker)).toBe("its authentication has expired");
  });

  const library = (): never => {
    throw new Error("JWSSignatureVerificationFailed");
  };

  it.each([
    ["it says nothing", () => undefined],
    ["it throws", library],
    ["the token's time is over", () => ({ user: "carol", expiresAtMs: NOW_MS })],
  ])("refuses when %s: first a reason, which the client acknowledges, then the error", async (_when, verifyToken) => {
    const client = await start({ verifyToken });
    await choose(client, "OAUTHBEARER");
    const first = await sendToken(client, await bearer("t.o.k").initial());
    expect([first.error, first.bytes.toString()]).toEqual(["NONE", '{"status":"invalid_token"}']);
    const second = await sendToken(client, Uint8Array.of(1));
    expect([second.error, second.errorMessage]).toEqual(["SASL_AUTHENTICATION_FAILED", '{"status":"invalid_token"}']);
    expect(await closeReason(broker)).toContain("invalid_token");
  });
});

describe("SaslHandshake v0, after which tokens come without a Kafka header", () => {
  const framed = (token: Uint8Array): Buffer => {
    const frame = Buffer.alloc(4 + token.length);
    frame.writeInt32BE(token.length);
    frame.set(token, 4);
    return frame;
  };

  it("lets in by PLAIN with an empty frame", async () => {
    const client = await start();
    await choose(client, "PLAIN", 0);
    client.sendBytes(framed(plainToken("alice", USERS.alice)));
    await expect.poll(() => client.strays.map((frame) => Buffer.from(frame).toString("hex"))).toEqual(["00000000"]);
    expect(await nodeCount(client)).toBe(1);
  });

  it("closes without a word for a wrong password", async () => {
    const client = await start();
    await choose(client, "PLAIN", 0);
    const before = Buffer.concat(client.chunks).length;
    client.sendBytes(framed(plainToken("alice", "wrong")));
    expect(await closeReason(broker)).toBe("could not authenticate: Authentication failed: Invalid username or password");
    await expect.poll(() => client.isEnded).toBe(true);
    expect(Buffer.concat(client.chunks).length).toBe(before);
  });

  it("takes a SaslAuthenticate for a token, and a bad one", async () => {
    const client = await start();
    await choose(client, "PLAIN", 0);
    await expect(sendToken(client, plainToken("alice", USERS.alice))).rejects.toThrow(ConnectionEnded);
  });
});

describe("a broker that asks nobody to authenticate", () => {
  it("refuses to begin, and the connection goes on", async () => {
    broker = await EmbeddedBroker.start({ transport: "memory" });
    const client = await BrokerClient.connect(broker);
    expect(await choose(client, "PLAIN")).toEqual({ error: "ILLEGAL_SASL_STATE", mechanisms: [] });
    expect((await sendToken(client, plainToken("alice", USERS.alice))).error).toBe("ILLEGAL_SASL_STATE");
    expect(await nodeCount(client)).toBe(1);
  });
});
