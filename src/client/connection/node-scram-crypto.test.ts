import { describe, expect, it } from "vitest";
import { nodeScramCrypto } from "./node-scram-crypto.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Computed by Apache Kafka's ScramFormatter, with the salt "0123456789abcdef" and 4096 iterations. */
const kafka = [
  {
    hash: "SHA-256",
    length: 32,
    saltedPassword: "7orb4yYvGLtX4/rUTxfTnodwUkVWgH5ZuEHFmAqRN5M=",
    clientKey: "FL5F9/XMcKDx9eWU/7I1xDOyaz1cbz2ez8tYs9iTZ8E=",
    storedKey: "35sJ3EILFZs/creeFg56DUB1fhs9l1k22hGMFMjWn2U=",
  },
  {
    hash: "SHA-512",
    length: 64,
    saltedPassword: "zHW1OSLEISnUanuYq5VaN6weS1jzqha2ho28Z9Txr7UYsDzC2slC9UK8xQqtcbfBOiQjPs4irCt5d35jE22UMw==",
    clientKey: "7n2KghScKIFy3x5ym7ZtQauJV3bF/uQp4ZE86Ct9Mnk1P9g3FUd2jPyi3YvvzfODza4sgYaJshZyG0GtoM1Obw==",
    storedKey: "UJVBjwEg+KuYvsSY54QAAIL4HSJQ50xpgWPxkEk5UrHAK6bSKOVbViaVU61EUTF5K16oqlrRGk/yEeVa2u9AYA==",
  },
] as const;

describe("Node's cryptography for SCRAM", () => {
  it.each(kafka)("derives Kafka's keys with $hash", async ({ hash, length, saltedPassword, clientKey, storedKey }) => {
    const salted = await nodeScramCrypto.pbkdf2(hash, bytesOf("päss ªⅨ"), bytesOf("0123456789abcdef"), 4096, length);
    expect(base64(salted)).toBe(saltedPassword);
    const key = await nodeScramCrypto.hmac(hash, salted, bytesOf("Client Key"));
    expect(base64(key)).toBe(clientKey);
    expect(base64(await nodeScramCrypto.hash(hash, key))).toBe(storedKey);
  });

  it("leaves the event loop free while it derives", async () => {
    const order: string[] = [];
    const derived = nodeScramCrypto.pbkdf2("SHA-512", bytesOf("x"), bytesOf("salt"), 100_000, 64).then(() => order.push("derived"));
    await new Promise((resolve) => setImmediate(resolve));
    order.push("loop turned");
    await derived;
    expect(order).toEqual(["loop turned", "derived"]);
  });

  it("gives as many random bytes as asked for, other ones each time", () => {
    expect(nodeScramCrypto.randomBytes(24)).toHaveLength(24);
    expect(nodeScramCrypto.randomBytes(24)).not.toEqual(nodeScramCrypto.randomBytes(24));
  });
});
