import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { ScramCrypto, ScramHash } from "../../protocol/sasl/scram-crypto.ts";

const derive = promisify(pbkdf2);

const digests: Readonly<Record<ScramHash, string>> = { "SHA-256": "sha256", "SHA-512": "sha512" };

/** SCRAM's cryptography from Node. PBKDF2 runs in libuv's thread pool, where it blocks no event loop but cannot be cancelled. */
export const nodeScramCrypto: ScramCrypto = {
  hmac: (hash, key, data) => createHmac(digests[hash], key).update(data).digest(),
  hash: (hash, data) => createHash(digests[hash]).update(data).digest(),
  pbkdf2: (hash, password, salt, iterations, length) => derive(password, salt, iterations, length, digests[hash]),
  randomBytes: (length) => randomBytes(length),
};
