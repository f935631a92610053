import { describe, expect, it } from "vitest";
import { type NewScramCredential, type ScramCredential, scramCredentialFromPassword } from "./scram-credentials.ts";
import type { ScramCrypto } from "./scram-crypto.ts";

/** Enough to see which question is put to the cryptography; its answers are tested in `scram.test.ts`. */
const crypto: ScramCrypto = {
  hmac: (_hash, key, data) => Uint8Array.of(...key, data.length),
  hash: (_hash, data) => data,
  pbkdf2: async (_hash, password, salt, iterations, length) => Uint8Array.of(password.length, salt.length, iterations >> 8, length),
  randomBytes: (length) => new Uint8Array(length),
};

const make = (more: Partial<NewScramCredential>): Promise<ScramCredential> =>
  scramCredentialFromPassword({ crypto, mechanism: "SCRAM-SHA-512", password: "ü", ...more });

const refusal: unknown = expect.objectContaining({ code: "SASL_INVALID_CREDENTIALS" });

describe("a credential made from a password", () => {
  it("has 20 random bytes of salt and Kafka's least number of iterations, unless told otherwise", async () => {
    expect(await make({})).toMatchObject({
      salt: new Uint8Array(20),
      iterations: 4096,
      storedKey: Uint8Array.of(2, 20, 16, 64, 10),
    });
    expect(await make({ salt: Uint8Array.of(7), iterations: 16_384 })).toMatchObject({
      salt: Uint8Array.of(7),
      iterations: 16_384,
    });
  });

  it.each([0, 4095, 4096.5, 16_385, Number.NaN])("is refused with %d iterations, as a broker would", async (iterations) => {
    await expect(make({ iterations })).rejects.toThrow(refusal);
  });

  it("is refused without a password or a salt", async () => {
    await expect(make({ password: "" })).rejects.toThrow(refusal);
    await expect(make({ salt: new Uint8Array(0) })).rejects.toThrow(refusal);
  });
});
