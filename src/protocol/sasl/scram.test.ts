import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64FromBytes, bytesFromBase64 } from "./base64.ts";
import { SaltedPasswordCache } from "./salted-password-cache.ts";
import { SaslError } from "./sasl-error.ts";
import type { ScramMechanism } from "./sasl-mechanism.ts";
import { ScramClientExchange, type ScramClientOptions } from "./scram-client.ts";
import { type ScramCredential, scramCredentialFromPassword } from "./scram-credentials.ts";
import type { ScramCrypto, ScramHash } from "./scram-crypto.ts";
import { clientProof, keysFromSaltedPassword, saltedPasswordFromPassword } from "./scram-keys.ts";
import { ScramServerExchange } from "./scram-server.ts";

/** WebCrypto, so that these tests also show the exchanges at work with what a browser has. */
const { subtle } = globalThis.crypto;
const importKey = (name: string, bytes: Uint8Array, hash: ScramHash, usage: "sign" | "deriveBits") =>
  subtle.importKey("raw", bytes.slice(), name === "HMAC" ? { name, hash } : name, false, [usage]);
const crypto: ScramCrypto = {
  hmac: async (hash, key, data) =>
    new Uint8Array(await subtle.sign("HMAC", await importKey("HMAC", key, hash, "sign"), data.slice())),
  hash: async (hash, data) => new Uint8Array(await subtle.digest(hash, data.slice())),
  pbkdf2: async (hash, password, salt, iterations, length) => {
    const parameters = { name: "PBKDF2", hash, salt: salt.slice(), iterations };
    return new Uint8Array(await subtle.deriveBits(parameters, await importKey("PBKDF2", password, hash, "deriveBits"), length * 8));
  },
  randomBytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Apache Kafka's own classes (ScramFormatter, ScramMessages of kafka-clients) computed these, in the oracle program that
 * also writes our fixtures; the salt is "0123456789abcdef". SHA-256 and SHA-512, a plain user and one that needs escaping.
 */
const kafkaTranscripts = [
  {
    mechanism: "SCRAM-SHA-256",
    user: "user",
    password: "pencil",
    clientFirst: "n,,n=user,r=clientnonce",
    serverFirst: "r=clientnonceservernonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
    clientFinal: "c=biws,r=clientnonceservernonce,p=HcQUObn0EeLMqFD9xvmIyyIsAVtca1ChSQEMd+/Douc=",
    serverSignature: "xpurH7BVnQq/nrDBEdkDgDh3+pRP3QAQZTOdDIjsh+8=",
  },
  {
    mechanism: "SCRAM-SHA-256",
    user: "us=er,x",
    password: "päss ªⅨ",
    clientFirst: "n,,n=us=3Der=2Cx,r=clientnonce",
    serverFirst: "r=clientnonceservernonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
    clientFinal: "c=biws,r=clientnonceservernonce,p=0wTJaMz7FzdN7YpLPWuwp120OUSsDQImkS8FJuj7nBk=",
    serverSignature: "F2QaFcYmQXQ0aP/TmBWB2gbgOmFYqlypENQrwhzR2Yc=",
  },
  {
    mechanism: "SCRAM-SHA-512",
    user: "user",
    password: "pencil",
    clientFirst: "n,,n=user,r=clientnonce",
    serverFirst: "r=clientnonceservernonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
    clientFinal:
      "c=biws,r=clientnonceservernonce,p=mQXnu9Ij3Pm1BDDnwP4XTpRW78Gm4o5v9vxoGBYEfWbX3b1krZPtW5rNb9GLgNBYkf0CV1qPaOx82WVN4xjzpw==",
    serverSignature: "GSxEYAgvNtCCaYrV5VL1aE5Gnlx1iskrgt7W19yudf0PdEvaKGfdAsSswKektzYX5BKMUfq9LqBCnl89EYz46Q==",
  },
  {
    mechanism: "SCRAM-SHA-512",
    user: "us=er,x",
    password: "päss ªⅨ",
    clientFirst: "n,,n=us=3Der=2Cx,r=clientnonce",
    serverFirst: "r=clientnonceservernonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096",
    clientFinal:
      "c=biws,r=clientnonceservernonce,p=bAMWKVqLhkVp81hSJLIhgEANgVO6QFwqKCZihY/h++5+00iXCOLkAClFQypAGCxrq10wfshPYjAmZbJFEIATfw==",
    serverSignature: "7UCF/cP+N5pc8Zs+NcpCBgmLWlMyO/+AhviPMknILo+bV+h6fk5Zzh9VsodI+F3MBtjIW0jmCmNVMFvi6rPP4A==",
  },
] as const;

/** RFC 7677 chapter 3. */
const rfc7677 = {
  mechanism: "SCRAM-SHA-256",
  user: "user",
  password: "pencil",
  clientNonce: "rOprNGfwEbeRWgbNEkqO",
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverSignature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
} as const;

const transcripts = [...kafkaTranscripts.map((one) => ({ ...one, clientNonce: "clientnonce" })), rfc7677];
type Transcript = (typeof transcripts)[number];

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const fromBase64 = (text: string): Uint8Array => bytesFromBase64(text) ?? expect.unreachable("not base64");

const saltedPasswords = new SaltedPasswordCache();

function client(
  { mechanism, user, password, clientNonce }: Transcript,
  more: Partial<ScramClientOptions> = {},
): ScramClientExchange {
  return new ScramClientExchange({
    mechanism,
    crypto,
    username: user,
    password,
    saltedPasswords,
    newNonce: () => clientNonce,
    ...more,
  });
}

/** A client that waits for the server's first message. */
async function startedClient(transcript: Transcript, more: Partial<ScramClientOptions> = {}): Promise<ScramClientExchange> {
  const exchange = client(transcript, more);
  await exchange.initial();
  return exchange;
}

/** A client that waits for the server's final message. */
async function provenClient(transcript: Transcript): Promise<ScramClientExchange> {
  const exchange = await startedClient(transcript);
  await exchange.respond(bytesOf(transcript.serverFirst));
  return exchange;
}

const credentials = new Map<Transcript, ScramCredential>();
async function credentialOf(transcript: Transcript): Promise<ScramCredential> {
  const salt = fromBase64(transcript.serverFirst.replace(/.*,s=(.*),i=.*/, "$1"));
  const credential = credentials.get(transcript) ?? (await scramCredentialFromPassword({ ...transcript, crypto, salt }));
  credentials.set(transcript, credential);
  return credential;
}

function server(transcript: Transcript): ScramServerExchange {
  const { mechanism, serverFirst, clientNonce, user } = transcript;
  const newNonce = (): string => serverFirst.slice(2 + clientNonce.length, serverFirst.indexOf(","));
  const findCredential = (name: string): Promise<ScramCredential> | undefined =>
    name === user ? credentialOf(transcript) : undefined;
  return new ScramServerExchange({ mechanism, crypto, findCredential, newNonce });
}

async function challengedServer(transcript: Transcript): Promise<ScramServerExchange> {
  const exchange = server(transcript);
  await exchange.evaluate(bytesOf(transcript.clientFirst));
  return exchange;
}

const failure = (code: string): unknown => expect.objectContaining({ name: "SaslError", code });

describe.each(transcripts)("the exchange of $mechanism, $user, $password", (transcript) => {
  it("has the client's messages, and completes on the server's signature", async () => {
    const exchange = client(transcript);
    expect(textOf(await exchange.initial())).toBe(transcript.clientFirst);
    const step = await exchange.respond(bytesOf(transcript.serverFirst));
    expect(step).toEqual({ kind: "send", bytes: bytesOf(transcript.clientFinal) });
    expect(exchange.isComplete).toBe(false);
    expect(await exchange.respond(bytesOf(`v=${transcript.serverSignature}`))).toEqual({ kind: "complete" });
    expect(exchange.isComplete).toBe(true);
  });

  it("has the server's messages, and names the user", async () => {
    const exchange = server(transcript);
    const challenge = await exchange.evaluate(bytesOf(transcript.clientFirst));
    expect(challenge).toEqual({ kind: "challenge", bytes: bytesOf(transcript.serverFirst) });
    expect(exchange.isComplete).toBe(false);
    const step = await exchange.evaluate(bytesOf(transcript.clientFinal));
    const bytes = bytesOf(`v=${transcript.serverSignature}`);
    expect(step).toMatchObject({ kind: "complete", bytes, identity: { user: transcript.user, isDelegationToken: false } });
    expect(exchange.isComplete).toBe(true);
  });

  it("fails for the client at every strict prefix of the server's messages", async () => {
    const { serverFirst } = transcript;
    for (let end = 0; end < serverFirst.length; end++) {
      const exchange = await startedClient(transcript);
      await expect(exchange.respond(bytesOf(serverFirst.slice(0, end)))).rejects.toThrow(SaslError);
    }
    const serverFinal = `v=${transcript.serverSignature}`;
    for (let end = 0; end < serverFinal.length; end++) {
      const exchange = await provenClient(transcript);
      await expect(exchange.respond(bytesOf(serverFinal.slice(0, end)))).rejects.toThrow(SaslError);
      expect(exchange.isComplete).toBe(false);
    }
  });

  it("fails for the server at every strict prefix of the client's last message", async () => {
    for (let end = 0; end < transcript.clientFinal.length; end++) {
      const exchange = await challengedServer(transcript);
      await expect(exchange.evaluate(bytesOf(transcript.clientFinal.slice(0, end)))).rejects.toThrow(SaslError);
    }
  });
});

describe("the client of SCRAM", () => {
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const signature = rfc7677.serverSignature;

  it("makes a nonce of 24 random bytes, another one each time", async () => {
    const first = async (): Promise<string> =>
      textOf(await new ScramClientExchange({ mechanism: "SCRAM-SHA-512", crypto, username: "u", password: "p" }).initial());
    const [one, two] = [await first(), await first()];
    expect(one).toMatch(/^n,,n=u,r=[A-Za-z0-9+/]{32}$/);
    expect(one).not.toBe(two);
  });

  it.each([
    ["a server that sends back our nonce", `r=rOprNGfwEbeRWgbNEkqO,s=${salt},i=4096`, "SASL_SERVER_NOT_VERIFIED"],
    ["a nonce that is not ours in front", `r=s${nonce},s=${salt},i=4096`, "SASL_SERVER_NOT_VERIFIED"],
    ["a nonce with one other letter", `r=rOprNGfwEbeRWgbNEkqo%hv,s=${salt},i=4096`, "SASL_SERVER_NOT_VERIFIED"],
    ["a nonce shorter than ours", `r=rOprNGfwEbeRWgbNEkq,s=${salt},i=4096`, "SASL_SERVER_NOT_VERIFIED"],
    ["too few iterations", `r=${nonce},s=${salt},i=4095`, "SASL_UNACCEPTABLE"],
    ["one iteration", `r=${nonce},s=${salt},i=1`, "SASL_UNACCEPTABLE"],
    ["iterations over the limit", `r=${nonce},s=${salt},i=200001`, "SASL_UNACCEPTABLE"],
    ["2^31 - 1 iterations", `r=${nonce},s=${salt},i=2147483647`, "SASL_UNACCEPTABLE"],
    ["2^31 iterations", `r=${nonce},s=${salt},i=2147483648`, "SASL_MALFORMED"],
    ["a mandatory extension", `m=x,r=${nonce},s=${salt},i=4096`, "SASL_UNACCEPTABLE"],
    ["the last message before the first", `v=${signature}`, "SASL_MALFORMED"],
    ["nothing", "", "SASL_MALFORMED"],
  ])("refuses %s, before it computes anything", async (_what, serverFirst, code) => {
    const pbkdf2 = (): never => expect.unreachable("PBKDF2 was started");
    const exchange = await startedClient(rfc7677, { crypto: { ...crypto, pbkdf2 } });
    await expect(exchange.respond(bytesOf(serverFirst))).rejects.toThrow(failure(code));
    await expect(exchange.respond(bytesOf(rfc7677.serverFirst))).rejects.toThrow(failure("SASL_WRONG_STATE"));
    expect(exchange.isComplete).toBe(false);
  });

  it("takes its limit of iterations from the options, and lets nothing pass a limit that is no number", async () => {
    const high = bytesOf(`r=${nonce},s=${salt},i=5000`);
    expect((await (await startedClient(rfc7677, { maxIterations: 5000 })).respond(high)).kind).toBe("send");
    for (const maxIterations of [4999, Number.NaN]) {
      await expect((await startedClient(rfc7677, { maxIterations })).respond(high)).rejects.toThrow(failure("SASL_UNACCEPTABLE"));
    }
  });

  it.each([
    ["skips its proof", "", "SASL_MALFORMED"],
    ["sends another signature", `v=7${signature.slice(1)}`, "SASL_SERVER_NOT_VERIFIED"],
    ["sends a shorter signature", "v=AQI=", "SASL_SERVER_NOT_VERIFIED"],
    ["repeats its first message", rfc7677.serverFirst, "SASL_MALFORMED"],
    ["demands an extension", `v=${signature},m=x`, "SASL_UNACCEPTABLE"],
    ["reports an error", "e=invalid-proof", "SASL_AUTHENTICATION_FAILED"],
  ])("does not accept a server that %s", async (_what, serverFinal, code) => {
    const exchange = await provenClient(rfc7677);
    await expect(exchange.respond(bytesOf(serverFinal))).rejects.toThrow(failure(code));
    expect(exchange.isComplete).toBe(false);
    await expect(exchange.respond(bytesOf(`v=${signature}`))).rejects.toThrow(failure("SASL_WRONG_STATE"));
  });

  it("shows a server's error escaped and cut", async () => {
    const exchange = await provenClient(rfc7677);
    const problem = `the server refused the credentials: \\u{1b}[2J${"x".repeat(252)}…`;
    const answer = bytesOf(`e=\u001b[2J${"x".repeat(9000)}`);
    await expect(exchange.respond(answer)).rejects.toThrow(expect.objectContaining({ problem }));
  });

  it("refuses an answer of over 64 KiB", async () => {
    const exchange = await startedClient(rfc7677);
    await expect(exchange.respond(new Uint8Array(65_537).fill(0x61))).rejects.toThrow(failure("SASL_UNACCEPTABLE"));
  });

  it("refuses steps out of turn, also while one is under way", async () => {
    const exchange = client(rfc7677);
    await expect(exchange.respond(bytesOf(rfc7677.serverFirst))).rejects.toThrow(failure("SASL_WRONG_STATE"));
    await exchange.initial();
    await expect(exchange.initial()).rejects.toThrow(failure("SASL_WRONG_STATE"));
    const underWay = exchange.respond(bytesOf(rfc7677.serverFirst));
    await expect(exchange.respond(bytesOf(rfc7677.serverFirst))).rejects.toThrow(failure("SASL_WRONG_STATE"));
    expect((await underWay).kind).toBe("send");
  });

  it("refuses a user name or password that cannot be sent, and a nonce with a comma", async () => {
    expect(() => client(rfc7677, { username: "" })).toThrow(failure("SASL_INVALID_CREDENTIALS"));
    expect(() => client(rfc7677, { password: "a\0" })).toThrow(failure("SASL_INVALID_CREDENTIALS"));
    await expect(client(rfc7677, { newNonce: () => "a,b" }).initial()).rejects.toThrow(failure("SASL_INVALID_CREDENTIALS"));
  });

  it("normalises name and password only if asked to", async () => {
    const username = "Ⅸ";
    expect(textOf(await client(rfc7677, { username }).initial())).toContain("n=Ⅸ,");
    expect(textOf(await client(rfc7677, { username, normalize: (text) => text.normalize("NFKC") }).initial())).toContain("n=IX,");
  });

  it("asks for PBKDF2 once when connections share a cache", async () => {
    let calls = 0;
    const pbkdf2: ScramCrypto["pbkdf2"] = (...parameters) => {
      calls++;
      return crypto.pbkdf2(...parameters);
    };
    const shared = { crypto: { ...crypto, pbkdf2 }, saltedPasswords: new SaltedPasswordCache() };
    for (let i = 0; i < 3; i++) await (await startedClient(rfc7677, shared)).respond(bytesOf(rfc7677.serverFirst));
    expect(calls).toBe(1);
  });

  it("does not show the password when it is printed", async () => {
    const exchange = await startedClient(rfc7677, { password: "canary" });
    expect(inspect(exchange, { depth: 10, showHidden: true }) + JSON.stringify(exchange)).not.toContain("canary");
  });

  it("answers a damaged server message with a SaslError, and never completes on one", async () => {
    const damage = (text: string): fc.Arbitrary<Uint8Array> =>
      fc.tuple(fc.nat(text.length - 1), fc.nat(255)).map(([at, byte]) => bytesOf(text).with(at, byte));
    await fc.assert(
      fc.asyncProperty(damage(rfc7677.serverFirst), damage(`v=${signature}`), async (first, final) => {
        const started = await startedClient(rfc7677, { maxIterations: 9999 });
        const step = await started.respond(first).catch((error: unknown) => error);
        expect(step instanceof SaslError || started.isComplete === false).toBe(true);
        const proven = await provenClient(rfc7677);
        const isIntact = textOf(final) === `v=${signature}`;
        const outcome = await proven.respond(final).catch((error: unknown) => error);
        expect(outcome instanceof SaslError).toBe(!isIntact);
        expect(proven.isComplete).toBe(isIntact);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the server of SCRAM", () => {
  const mechanisms: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

  it.each(mechanisms)("and the client understand each other by %s, with a delegation token too", async (mechanism) => {
    const credential = await scramCredentialFromPassword({ crypto, mechanism, password: "päss ªⅨ", iterations: 8192 });
    for (const isDelegationToken of [false, true]) {
      const asked: unknown[] = [];
      const findCredential = (...question: unknown[]): ScramCredential => {
        asked.push(question);
        return credential;
      };
      const there = new ScramServerExchange({ mechanism, crypto, findCredential });
      const here = new ScramClientExchange({ mechanism, crypto, username: "us=er,x", password: "päss ªⅨ", isDelegationToken });
      const challenge = await there.evaluate(await here.initial());
      const proof = await here.respond(challenge.bytes);
      const verdict = await there.evaluate(proof.kind === "send" ? proof.bytes : expect.unreachable("no proof"));
      expect(verdict).toMatchObject({ kind: "complete", identity: { user: "us=er,x", isDelegationToken } });
      expect(await here.respond(verdict.bytes)).toEqual({ kind: "complete" });
      expect(asked).toEqual([["us=er,x", isDelegationToken]]);
    }
  });

  it("gives an unknown user and a wrong password the same answer, a Kafka broker's", async () => {
    const problem = "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256";
    const refusal = expect.objectContaining({ code: "SASL_AUTHENTICATION_FAILED", problem });
    await expect(server(rfc7677).evaluate(bytesOf("n,,n=nobody,r=abc"))).rejects.toThrow(refusal);
    const wrong = await (await startedClient(rfc7677, { password: "wrong" })).respond(bytesOf(rfc7677.serverFirst));
    const exchange = await challengedServer(rfc7677);
    await expect(exchange.evaluate(wrong.kind === "send" ? wrong.bytes : bytesOf(""))).rejects.toThrow(refusal);
    await expect(exchange.evaluate(bytesOf(rfc7677.clientFinal))).rejects.toThrow(failure("SASL_WRONG_STATE"));
    expect(exchange.isComplete).toBe(false);
  });

  it.each([
    ["another nonce", rfc7677.clientFinal.replace("$k0", "$k1")],
    ["only the client's nonce", rfc7677.clientFinal.replace(/r=[^,]*/, "r=rOprNGfwEbeRWgbNEkqO")],
    ["another GS2 header", rfc7677.clientFinal.replace("c=biws", "c=eSws")],
  ])("refuses a final message with %s", async (_what, message) => {
    await expect((await challengedServer(rfc7677)).evaluate(bytesOf(message))).rejects.toThrow(failure("SASL_MALFORMED"));
  });

  it("accepts the proof of a librdkafka before 2.6.1, which sends its nonce twice", async () => {
    const { mechanism, password, clientFirst, serverFirst } = rfc7677;
    const { salt, iterations } = await credentialOf(rfc7677);
    const salted = await saltedPasswordFromPassword(crypto, mechanism, password, salt, iterations);
    const keys = await keysFromSaltedPassword(crypto, mechanism, salted);
    const withoutProof = rfc7677.clientFinal.replace(/,p=.*/, "").replace("r=", "r=rOprNGfwEbeRWgbNEkqO");
    const proof = await clientProof(crypto, mechanism, keys, `${clientFirst.slice(3)},${serverFirst},${withoutProof}`);
    const message = bytesOf(`${withoutProof},p=${base64FromBytes(proof)}`);
    expect((await (await challengedServer(rfc7677)).evaluate(message)).kind).toBe("complete");
  });

  it("does not let a user act as another", async () => {
    expect((await server(rfc7677).evaluate(bytesOf("n,a=user,n=user,r=abc"))).kind).toBe("challenge");
    await expect(server(rfc7677).evaluate(bytesOf("n,a=root,n=user,r=abc"))).rejects.toThrow(failure("SASL_AUTHENTICATION_FAILED"));
  });

  it("answers a damaged client message with a SaslError, and never completes on one", async () => {
    const final = rfc7677.clientFinal;
    await fc.assert(
      fc.asyncProperty(fc.nat(final.length - 1), fc.nat(255), fc.uint8Array(), async (at, byte, noise) => {
        const damaged = bytesOf(final).with(at, byte);
        const exchange = await challengedServer(rfc7677);
        const outcome = await exchange.evaluate(damaged).catch((error: unknown) => error);
        expect(outcome instanceof SaslError).toBe(textOf(damaged) !== final);
        await expect(server(rfc7677).evaluate(noise)).rejects.toThrow(SaslError);
      }),
      { numRuns: 300 },
    );
  });
});
