import {
  OAuthBearerServerExchange,
  PlainServerExchange,
  type SaslServerExchange,
  ScramServerExchange,
} from "../../protocol/index.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";
import type { SaslMechanism } from "./sasl-mechanisms.ts";
import type { SaslOptions } from "./sasl-options.ts";

const NONCE_BYTES = 18;

/** The broker's half of one authentication. */
export function newServerExchange(mechanism: SaslMechanism, sasl: SaslOptions, { users, random }: Cluster): SaslServerExchange {
  switch (mechanism) {
    case "PLAIN":
      return new PlainServerExchange({ verify: (user, password) => users.plainPassword(user) === password });
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-512":
      return new ScramServerExchange({
        mechanism,
        crypto: nodeScramCrypto,
        findCredential: (user, isDelegationToken) => (isDelegationToken ? undefined : users.scramCredential(mechanism, user)),
        newNonce: () => Buffer.from(random.bytes(NONCE_BYTES)).toString("base64"),
      });
    case "OAUTHBEARER":
      return new OAuthBearerServerExchange({
        validate: async ({ token }) => {
          const verified = await sasl.verifyToken?.(token);
          if (verified === undefined) return { kind: "refused", refusal: { status: "invalid_token" } };
          return { kind: "accepted", ...verified };
        },
      });
  }
}
