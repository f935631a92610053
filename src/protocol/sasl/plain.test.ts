import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSamePassword, PlainClientExchange, PlainServerExchange } from "./plain.ts";
import { SaslError } from "./sasl-error.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const server = (): PlainServerExchange =>
  new PlainServerExchange({ verify: (username, password) => username === "alice" && isSamePassword(password, "alice-secret") });

describe("the client of PLAIN", () => {
  it("sends NUL, user, NUL, password", async () => {
    const exchange = new PlainClientExchange({ username: "usér", password: "p=, ß" });
    expect(await exchange.initial()).toEqual(bytesOf("\0usér\0p=, ß"));
  });

  it.each([
    ["", "b"],
    ["a", ""],
    ["a\0b", "c"],
    ["a", "b\0c"],
  ])("refuses the user %j with the password %j", (username, password) => {
    expect(() => new PlainClientExchange({ username, password })).toThrow(
      expect.objectContaining({ code: "SASL_INVALID_CREDENTIALS" }),
    );
  });

  it("is complete only after the server's answer, whatever bytes that has", async () => {
    const exchange = new PlainClientExchange({ username: "alice", password: "x" });
    await expect(exchange.respond(new Uint8Array(0))).rejects.toThrow(expect.objectContaining({ code: "SASL_WRONG_STATE" }));
    await exchange.initial();
    expect(exchange.isComplete).toBe(false);
    expect(await exchange.respond(bytesOf("hello"))).toEqual({ kind: "complete" });
    expect(exchange.isComplete).toBe(true);
    await expect(exchange.initial()).rejects.toThrow(SaslError);
    await expect(exchange.respond(new Uint8Array(0))).rejects.toThrow(SaslError);
  });

  it("does not show the password when it is printed", () => {
    const exchange = new PlainClientExchange({ username: "alice", password: "canary" });
    expect(inspect(exchange, { depth: 10, showHidden: true }) + JSON.stringify(exchange)).not.toMatch(/canary|99, ?97, ?110/);
  });
});

describe("the server of PLAIN", () => {
  it("names the user whose password was right", async () => {
    const exchange = server();
    const step = await exchange.evaluate(bytesOf("\0alice\0alice-secret"));
    expect(step).toMatchObject({
      kind: "complete",
      bytes: new Uint8Array(0),
      identity: { user: "alice", isDelegationToken: false },
    });
    expect(exchange.isComplete).toBe(true);
    await expect(exchange.evaluate(bytesOf("\0alice\0alice-secret"))).rejects.toThrow(
      expect.objectContaining({ code: "SASL_WRONG_STATE" }),
    );
  });

  it("takes an authorization id that is the user", async () => {
    expect((await server().evaluate(bytesOf("alice\0alice\0alice-secret"))).kind).toBe("complete");
  });

  // The texts: org.apache.kafka.common.security.plain.internals.PlainSaslServer; the first was also seen from a 4.3.1 broker.
  it.each([
    ["\0alice\0wrong", "Authentication failed: Invalid username or password"],
    ["bob\0alice\0wrong", "Authentication failed: Invalid username or password"],
    ["\0\0alice-secret", "Authentication failed: username not specified"],
    ["\0alice\0", "Authentication failed: password not specified"],
    ["bob\0alice\0alice-secret", "Authentication failed: Client requested an authorization id that is different from username"],
    ["alice\0alice-secret", "Invalid SASL/PLAIN response: expected 3 tokens, got 2"],
    ["\0alice\0alice-secret\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"],
    ["", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"],
  ])("answers %j with %j", async (message, problem) => {
    const exchange = server();
    await expect(exchange.evaluate(bytesOf(message))).rejects.toThrow(expect.objectContaining({ name: "SaslError", problem }));
    await expect(exchange.evaluate(bytesOf("\0alice\0alice-secret"))).rejects.toThrow(
      expect.objectContaining({ code: "SASL_WRONG_STATE" }),
    );
    expect(exchange.isComplete).toBe(false);
  });

  it("lets the error of a broken password store through, and stays failed", async () => {
    const broken = new Error("store is down");
    const exchange = new PlainServerExchange({ verify: () => Promise.reject(broken) });
    await expect(exchange.evaluate(bytesOf("\0alice\0x"))).rejects.toBe(broken);
    expect(exchange.isComplete).toBe(false);
  });

  it("is satisfied by the client's message for every user and password", async () => {
    const texts = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\0"));
    await fc.assert(
      fc.asyncProperty(texts, texts, async (username, password) => {
        const message = await new PlainClientExchange({ username, password }).initial();
        const exchange = new PlainServerExchange({ verify: (user, word) => user === username && isSamePassword(word, password) });
        expect(await exchange.evaluate(message)).toMatchObject({ kind: "complete", identity: { user: username } });
      }),
    );
  });

  it("answers any bytes with a SaslError or a verdict", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        await expect(server().evaluate(bytes)).rejects.toBeInstanceOf(SaslError);
      }),
    );
  });
});
