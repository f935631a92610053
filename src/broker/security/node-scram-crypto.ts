import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { ScramCrypto } from "../../protocol/index.ts";

const digests = { "SHA-256": "sha256", "SHA-512": "sha512" } as const;

/**
 * SCRAM's cryptography from Node. PBKDF2 runs right here, for the few milliseconds that it takes: a thread's answer would come at
 * another moment in every run.
 */
export const nodeScramCrypto: ScramCrypto = {
  hmac: (hash, key, data) => createHmac(digests[hash], key).update(data).digest(),
  hash: (hash, data) => createHash(digests[hash]).update(data).digest(),
  pbkdf2: (hash, password, salt, iterations, length) =>
    Promise.resolve(pbkdf2Sync(password, salt, iterations, length, digests[hash])),
  randomBytes: (length) => randomBytes(length),
};
