import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BearerVerdict, OAuthBearerClientExchange, OAuthBearerServerExchange } from "./oauthbearer.ts";
import { bearerRequestFromBytes } from "./oauthbearer-messages.ts";
import { SaslError } from "./sasl-error.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
const NOTHING = new Uint8Array(0);

const server = (verdict: BearerVerdict = { kind: "accepted", user: "alice" }): OAuthBearerServerExchange =>
  new OAuthBearerServerExchange({ validate: () => verdict });

async function waitingClient(token = TOKEN): Promise<OAuthBearerClientExchange> {
  const exchange = new OAuthBearerClientExchange({ token });
  await exchange.initial();
  return exchange;
}

describe("the client of OAUTHBEARER", () => {
  it("sends the token and the extensions in the form of RFC 7628", async () => {
    const extensions = new Map([
      ["logicalCluster", "lkc-1"],
      ["identityPoolId", "pool 2"],
    ]);
    const exchange = new OAuthBearerClientExchange({ token: TOKEN, extensions });
    const expected = `n,,\x01auth=Bearer ${TOKEN}\x01logicalCluster=lkc-1\x01identityPoolId=pool 2\x01\x01`;
    expect(textOf(await exchange.initial())).toBe(expected);
  });

  it.each(["", " ", "a b", "a\x01b", "a\n", "a\0", "a=b", "ä", "a,b", "="])("refuses the token %j", (token) => {
    expect(() => new OAuthBearerClientExchange({ token })).toThrow(expect.objectContaining({ code: "SASL_INVALID_CREDENTIALS" }));
  });

  it.each([
    ["auth", "Bearer other"],
    ["", "v"],
    ["a-b", "v"],
    ["k1", "v"],
    ["k=v\x01x", "v"],
    ["key", ""],
    ["key", "v\x01auth=Bearer other"],
    ["key", "v\r\n"],
    ["key", "ü"],
  ])("refuses the extension %j = %j", (name, value) => {
    const make = (): unknown => new OAuthBearerClientExchange({ token: TOKEN, extensions: new Map([[name, value]]) });
    expect(make).toThrow(expect.objectContaining({ code: "SASL_INVALID_CREDENTIALS" }));
  });

  it("is complete when the server answers with nothing", async () => {
    const exchange = await waitingClient();
    expect(exchange.isComplete).toBe(false);
    expect(await exchange.respond(NOTHING)).toEqual({ kind: "complete" });
    expect(exchange.isComplete).toBe(true);
  });

  // The first challenge is what a 4.3.1 broker sent for an expired token.
  it.each([
    ['{"status":"invalid_token"}', "invalid_token"],
    ['{"status":"insufficient_scope","scope":"read write"}', "insufficient_scope, scope read write"],
    ['{"status":7}', "an answer of 12 bytes"],
    ["[]", "an answer of 2 bytes"],
    // What is no status is not quoted: it may repeat the token, escaped in ways that no search would find.
    ['{"error":"token SECRET\\/abc"}', "an answer of 29 bytes"],
    [`{"status":"bad token ${TOKEN}"}`, "bad token [redacted]"],
    [`bad token ${TOKEN}`, `an answer of ${10 + TOKEN.length} bytes`],
    [`{"status":"${"x".repeat(5000)}"}`, `${"x".repeat(256)}…`],
  ])("acknowledges the refusal %j with one control-A and fails", async (challenge, reason) => {
    const exchange = await waitingClient();
    const error: unknown = expect.objectContaining({
      code: "SASL_AUTHENTICATION_FAILED",
      message: `OAUTHBEARER: the broker refused the token: ${reason}`,
    });
    expect(await exchange.respond(bytesOf(challenge))).toEqual({ kind: "refused", bytes: Uint8Array.of(1), error });
    expect(exchange.isComplete).toBe(false);
    await expect(exchange.respond(NOTHING)).rejects.toThrow(expect.objectContaining({ code: "SASL_WRONG_STATE" }));
  });

  it("refuses an answer before its question and a second question", async () => {
    const exchange = new OAuthBearerClientExchange({ token: TOKEN });
    await expect(exchange.respond(NOTHING)).rejects.toThrow(expect.objectContaining({ code: "SASL_WRONG_STATE" }));
    await exchange.initial();
    await expect(exchange.initial()).rejects.toThrow(expect.objectContaining({ code: "SASL_WRONG_STATE" }));
  });

  it("does not show the token when it is printed", async () => {
    expect(inspect(await waitingClient("canary"), { depth: 10, showHidden: true })).not.toContain("canary");
  });
});

describe("the server of OAUTHBEARER", () => {
  it("hands token and extensions to the validator and takes the user from it", async () => {
    const exchange = new OAuthBearerServerExchange({
      validate: async ({ token, extensions }) => ({ kind: "accepted", user: `${token}/${extensions.get("key")}`, expiresAtMs: 5 }),
    });
    const step = await exchange.evaluate(bytesOf("n,,\x01auth=Bearer tok\x01key=va lue\x01\x01"));
    expect(step).toMatchObject({ kind: "complete", bytes: NOTHING, identity: { user: "tok/va lue", expiresAtMs: 5 } });
    expect(step.kind === "complete" && [...step.identity.extensions]).toEqual([["key", "va lue"]]);
    expect(exchange.isComplete).toBe(true);
  });

  it("refuses in two steps: the error as a challenge, then a failure with the same text", async () => {
    const exchange = server({ kind: "refused", refusal: { status: "invalid_token" } });
    const step = await exchange.evaluate(bytesOf(`n,,\x01auth=Bearer ${TOKEN}\x01\x01`));
    expect(step).toEqual({ kind: "challenge", bytes: bytesOf('{"status":"invalid_token"}') });
    const failure = { code: "SASL_AUTHENTICATION_FAILED", problem: '{"status":"invalid_token"}' };
    await expect(exchange.evaluate(Uint8Array.of(1))).rejects.toThrow(expect.objectContaining(failure));
    await expect(exchange.evaluate(Uint8Array.of(1))).rejects.toThrow(expect.objectContaining({ code: "SASL_WRONG_STATE" }));
  });

  it("does not take a second token after a refused one", async () => {
    const exchange = server({
      kind: "refused",
      refusal: { status: "invalid_token", scope: "s", openidConfiguration: "https://x" },
    });
    const message = bytesOf(`n,,\x01auth=Bearer ${TOKEN}\x01\x01`);
    const step = await exchange.evaluate(message);
    expect(textOf(step.bytes)).toBe('{"status":"invalid_token","scope":"s","openid-configuration":"https://x"}');
    await expect(exchange.evaluate(message)).rejects.toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });

  it("accepts an authorization id only if it is the token's user", async () => {
    expect((await server().evaluate(bytesOf(`n,a=alice,\x01auth=bearer  ${TOKEN}\x01\x01`))).kind).toBe("complete");
    const other = server().evaluate(bytesOf(`n,a=bob,\x01auth=Bearer ${TOKEN}\x01\x01`));
    await expect(other).rejects.toThrow(expect.objectContaining({ code: "SASL_AUTHENTICATION_FAILED" }));
  });

  it.each([
    "",
    "n,,",
    "n,,\x01\x01",
    "n,,\x01auth=Bearer t",
    "n,,\x01auth=Bearer t\x01",
    "n,,\x01auth=Bearer t\x01\x01\x01",
    "n,,\x01auth=Bearer t\x01\x01x",
    "y,,\x01auth=Bearer t\x01\x01",
    "n,a=,\x01auth=Bearer t\x01\x01",
    "n,a=b=c,\x01auth=Bearer t\x01\x01",
    "n,,\x01auth=Basic t\x01\x01",
    "n,,\x01auth=Bearer\x01\x01",
    "n,,\x01auth=Bearer t t\x01\x01",
    "n,,\x01auth=Bearer t\x01auth=Bearer u\x01\x01",
    "n,,\x01auth=Bearer t\x01k=v\x01k=v\x01\x01",
    "n,,\x01auth=Bearer t\x01k\x01\x01",
    "n,,\x01auth=Bearer t\x01=v\x01\x01",
    "n,,\x01key=v\x01\x01",
  ])("refuses %j as malformed", async (message) => {
    await expect(server().evaluate(bytesOf(message))).rejects.toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });

  it("reads what the client wrote, and refuses every strict prefix of it", async () => {
    const words = fc.stringMatching(/^[A-Za-z]{1,8}$/).filter((word) => word !== "auth");
    const values = fc.stringMatching(/^[\t -~]{1,12}$/);
    const tokens = fc.stringMatching(/^[-._~+/A-Za-z0-9]{1,30}={0,2}$/);
    await fc.assert(
      fc.asyncProperty(tokens, fc.array(fc.tuple(words, values), { maxLength: 3 }), async (token, pairs) => {
        const extensions = new Map(pairs);
        const bytes = await new OAuthBearerClientExchange({ token, extensions }).initial();
        expect(bearerRequestFromBytes(bytes)).toEqual({ authorizationId: "", token, extensions });
        for (let end = 0; end < bytes.length; end++)
          expect(() => bearerRequestFromBytes(bytes.subarray(0, end))).toThrow(SaslError);
      }),
    );
  });

  it("answers any bytes, and any damaged message, with a SaslError or a verdict", async () => {
    const good = bytesOf(`n,,\x01auth=Bearer ${TOKEN}\x01key=value\x01\x01`);
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), damaged), async (bytes) => {
        const outcome = await server()
          .evaluate(bytes)
          .catch((error: unknown) => error);
        expect(outcome instanceof SaslError || (typeof outcome === "object" && outcome !== null && "identity" in outcome)).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });
});
