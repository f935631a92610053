import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SaslError } from "./sasl-error.ts";
import {
  clientFinalWithoutProof,
  clientFirstBare,
  formatClientFinal,
  formatServerFinal,
  formatServerFirst,
  GS2_HEADER,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from "./scram-messages.ts";

const MECHANISM = "SCRAM-SHA-256";

describe("the client's first message", () => {
  it("escapes comma and equals sign in the user name", () => {
    expect(GS2_HEADER + clientFirstBare("us=er,x", "clientnonce", false)).toBe("n,,n=us=3Der=2Cx,r=clientnonce");
  });

  it("says tokenauth=true for a delegation token", () => {
    const bare = clientFirstBare("id", "abc", true);
    expect(bare).toBe("n=id,r=abc,tokenauth=true");
    expect(parseClientFirst(MECHANISM, `n,,${bare}`)).toEqual({
      gs2Header: "n,,",
      authorizationId: "",
      username: "id",
      nonce: "abc",
      extensions: new Map([["tokenauth", "true"]]),
      bare,
    });
  });

  it("may come with an authorization id, and from a client that could bind channels", () => {
    const parsed = parseClientFirst(MECHANISM, "y,a=b=2Cc,n=u,r=x");
    expect(parsed).toMatchObject({ gs2Header: "y,a=b=2Cc,", authorizationId: "b,c", username: "u", bare: "n=u,r=x" });
  });

  it.each([
    "",
    "n",
    "n,",
    "n,,",
    "x,,n=u,r=x",
    "nn,,n=u,r=x",
    ",,n=u,r=x",
    "n,b,n=u,r=x",
    "n,a=,n=u,r=x",
    "n,a=b=c,n=u,r=x",
    "n,,r=x,n=u",
    "n,,n=u",
    "n,,n=,r=x",
    "n,,n=u,r=",
    "n,,n=u=,r=x",
    "n,,n=u=2c,r=x",
    "n,,n=u\0,r=x",
    "n,,n=u,r=a b",
    "n,,n=u,r=ü",
    "n,,n=u,r=x,",
    "n,,n=u,r=x,r=x",
    "n,,n=u,r=x,n=u",
    "n,,n=u,r=x,tokenauth",
    "n,,n=u,r=x,tokenauth=",
    "n,,n=u,r=x,tokenauth=true,tokenauth=true",
    "n,,n=u,r=x,to1=true",
  ])("is malformed as %j", (text) => {
    expect(() => parseClientFirst(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });

  it.each(["p=tls-unique,,n=u,r=x", "n,,m=ext,n=u,r=x", "n,,n=u,m=ext,r=x", "n,,n=u,r=x,m=ext"])(
    "is unacceptable as %j",
    (text) => {
      expect(() => parseClientFirst(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_UNACCEPTABLE" }));
    },
  );
});

describe("the server's first message", () => {
  it("may have extensions, which mean nothing to us", () => {
    expect(parseServerFirst(MECHANISM, "r=abc,s=AQI=,i=4096,foo=bar,b=x=y")).toEqual({
      nonce: "abc",
      salt: Uint8Array.of(1, 2),
      iterations: 4096,
    });
  });

  it.each([
    "",
    "r=abc",
    "r=abc,s=AQI=",
    "s=AQI=,r=abc,i=4096",
    "r=abc,i=4096,s=AQI=",
    "r=abc,r=abc,s=AQI=,i=4096",
    "r=abc,s=AQI=,s=AQI=,i=4096",
    "r=abc,s=AQI=,i=4096,i=4096",
    "r=abc,s=AQI=,i=4096,v=AQI=",
    "r=abc,s=AQI=,i=4096,",
    "r=,s=AQI=,i=4096",
    "r=abc,s=,i=4096",
    "r=abc,s=AQI,i=4096",
    "r=abc,s=AQJ=,i=4096",
    "r=abc,s=A QI,i=4096",
    "r=abc,s=AQ-_,i=4096",
    "r=abc,s=AQI=,i=",
    "r=abc,s=AQI=,i=0",
    "r=abc,s=AQI=,i=04096",
    "r=abc,s=AQI=,i=-4096",
    "r=abc,s=AQI=,i=+4096",
    "r=abc,s=AQI=,i=4096.0",
    "r=abc,s=AQI=,i=4e3",
    "r=abc,s=AQI=,i= 4096",
    "r=abc,s=AQI=,i=2147483648",
    "r=abc,s=AQI=,i=99999999999999999999",
    "e=other-error",
  ])("is malformed as %j", (text) => {
    expect(() => parseServerFirst(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });

  it.each([
    "m=x,r=abc,s=AQI=,i=4096",
    "r=abc,m=x,s=AQI=,i=4096",
    "r=abc,s=AQI=,m=x,i=4096",
    "r=abc,s=AQI=,i=4096,m=x",
    "r=abc,s=AQI=,i=4096,foo=b,m=x",
  ])("is unacceptable as %j", (text) => {
    expect(() => parseServerFirst(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_UNACCEPTABLE" }));
  });

  it("does not quote a salt or nonce in its errors", () => {
    expect(() => parseServerFirst(MECHANISM, "r=canary,s=canary,i=canary")).toThrow(expect.not.stringContaining("canary"));
  });
});

describe("the client's final message", () => {
  it("puts the proof last and signs what stands before it", () => {
    const text = formatClientFinal(clientFinalWithoutProof("abc"), Uint8Array.of(1, 2));
    expect(text).toBe("c=biws,r=abc,p=AQI=");
    expect(parseClientFinal(MECHANISM, "c=biws,r=abc,foo=bar,p=AQI=")).toEqual({
      channelBinding: new TextEncoder().encode("n,,"),
      nonce: "abc",
      proof: Uint8Array.of(1, 2),
      withoutProof: "c=biws,r=abc,foo=bar",
    });
  });

  it.each([
    "",
    "p=AQI=",
    "c=biws,r=abc",
    "c=biws,p=AQI=",
    "r=abc,c=biws,p=AQI=",
    "c=biws,r=abc,p=",
    "c=biws,r=abc,p=AQI",
    "c=biws,r=abc,p=AQJ=",
    "c=biws,r=abc,p=AQI=,p=AQI=",
    "c=biws,r=abc,p=AQI=,foo=bar",
    "c=biws,c=biws,r=abc,p=AQI=",
    "c=,r=abc,p=AQI=",
    "c=biw,r=abc,p=AQI=",
  ])("is malformed as %j", (text) => {
    expect(() => parseClientFinal(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });
});

describe("the server's final message", () => {
  it("is a signature or an error", () => {
    expect(parseServerFinal(MECHANISM, "v=AQI=,foo=bar")).toEqual({ kind: "signature", signature: Uint8Array.of(1, 2) });
    expect(parseServerFinal(MECHANISM, "e=invalid-proof")).toEqual({ kind: "error", error: "invalid-proof" });
    expect(formatServerFinal({ kind: "error", error: "invalid-proof" })).toBe("e=invalid-proof");
  });

  it.each(["", "v=", "e=", "v=AQI", "v=AQI=,v=AQI=", "v=AQI=,e=no", "e=no,v=AQI=", "x=AQI=", "V=AQI="])(
    "is malformed as %j",
    (text) => {
      expect(() => parseServerFinal(MECHANISM, text)).toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
    },
  );
});

describe("every SCRAM message", () => {
  const parsers = [parseClientFirst, parseServerFirst, parseClientFinal, parseServerFinal];

  it("comes back from its own text", () => {
    const nonces = fc.stringMatching(/^[!-+\--~]{1,40}$/);
    const salts = fc.uint8Array({ minLength: 1, maxLength: 40 });
    const names = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !name.includes("\0"));
    fc.assert(
      fc.property(names, nonces, salts, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (username, nonce, salt, iterations) => {
        expect(parseClientFirst(MECHANISM, `n,,${clientFirstBare(username, nonce, false)}`)).toMatchObject({ username, nonce });
        expect(parseServerFirst(MECHANISM, formatServerFirst({ nonce, salt, iterations }))).toEqual({ nonce, salt, iterations });
        const final = formatClientFinal(clientFinalWithoutProof(nonce), salt);
        expect(parseClientFinal(MECHANISM, final)).toMatchObject({ nonce, proof: salt });
        const signature = salt;
        expect(parseServerFinal(MECHANISM, formatServerFinal({ kind: "signature", signature }))).toEqual({
          kind: "signature",
          signature,
        });
      }),
    );
  });

  it("is read or refused with a SaslError, whatever its text", () => {
    const pieces = fc.constantFrom(
      "n,",
      ",",
      "a=",
      "n=",
      "r=",
      "s=",
      "i=",
      "c=",
      "p=",
      "v=",
      "e=",
      "m=",
      "x=",
      "AQI=",
      "4096",
      "=2C",
      "\0",
      "ü",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 15 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(fc.constantFrom(...parsers), texts, (parse, text) => {
        try {
          parse(MECHANISM, text);
        } catch (error) {
          expect(error).toBeInstanceOf(SaslError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
