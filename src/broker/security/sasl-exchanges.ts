import {
  OAuthBearerServerExchange,
  PlainServerExchange,
  type SaslServerExchange,
  ScramServerExchange,
} from "../../protocol/index.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";
import type { SaslMechanism } from "./sasl-mechanisms.ts";
import type { SaslOptions, VerifiedToken } from "./sasl-options.ts";

const NONCE_BYTES = 18;

type Verdict = Awaited<ReturnType<ConstructorParameters<typeof OAuthBearerServerExchange>[0]["validate"]>>;

/** The broker's half of one authentication. */
export function newServerExchange(mechanism: SaslMechanism, sasl: SaslOptions, cluster: Cluster): SaslServerExchange {
  const { users, random } = cluster;
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
      return new OAuthBearerServerExchange({ validate: ({ token }) => verdictOn(token, sasl, cluster) });
  }
}

/** As Kafka's own validators do it: a token whose time is over is as invalid as any other. */
async function verdictOn(token: string, sasl: SaslOptions, { clock }: Cluster): Promise<Verdict> {
  const verified = await verification(token, sasl);
  if (verified === undefined || (verified.expiresAtMs ?? Number.POSITIVE_INFINITY) <= clock.now()) {
    return { kind: "refused", refusal: { status: "invalid_token" } };
  }
  const { user, expiresAtMs } = verified;
  return { kind: "accepted", user, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}

async function verification(token: string, { verifyToken }: SaslOptions): Promise<VerifiedToken | undefined> {
  try {
    return await verifyToken?.(token);
  } catch {
    // Libraries for tokens throw what they think of a bad one, often with the token in it: the option says that this refuses it.
    return undefined;
  }
}
