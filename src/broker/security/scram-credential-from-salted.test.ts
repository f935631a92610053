import { describe, expect, it } from "vitest";
import { scramCredentialFromPassword } from "../../protocol/index.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";
import { scramCredentialFromSalted } from "./scram-credential-from-salted.ts";

describe("a SCRAM credential from a salted password", () => {
  it.each([
    ["SCRAM-SHA-256", "SHA-256", 32],
    ["SCRAM-SHA-512", "SHA-512", 64],
  ] as const)("%s: is the one that the password itself would give", async (mechanism, hash, length) => {
    const salt = new Uint8Array(20).fill(7);
    const saltedPassword = await nodeScramCrypto.pbkdf2(hash, Buffer.from("pencil"), salt, 4096, length);
    const fromPassword = await scramCredentialFromPassword({ crypto: nodeScramCrypto, mechanism, password: "pencil", salt });
    const { storedKey, serverKey, iterations } = await scramCredentialFromSalted(mechanism, {
      salt,
      iterations: 4096,
      saltedPassword,
    });
    expect(Buffer.from(storedKey).equals(fromPassword.storedKey)).toBe(true);
    expect(Buffer.from(serverKey).equals(fromPassword.serverKey)).toBe(true);
    expect(iterations).toBe(fromPassword.iterations);
  });

  it("does not share memory with the request", async () => {
    const salt = new Uint8Array(20).fill(7);
    const credential = await scramCredentialFromSalted("SCRAM-SHA-256", {
      salt,
      iterations: 4096,
      saltedPassword: new Uint8Array(32),
    });
    salt.fill(0);
    expect(credential.salt).toEqual(new Uint8Array(20).fill(7));
  });
});
