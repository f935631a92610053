import { type ScramCredential, scramCredentialFromPassword } from "../../protocol/index.ts";
import type { Random } from "../random.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";

export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-512";

export const scramMechanisms: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

const SALT_BYTES = 20;

/** Who may come in, by SASL: passwords for PLAIN, and what SCRAM keeps instead of passwords. */
export class Users {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #scram: Readonly<Record<ScramMechanism, Map<string, ScramCredential>>> = {
    "SCRAM-SHA-256": new Map(),
    "SCRAM-SHA-512": new Map(),
  };

  /** The passwords that the broker was started with, by user. */
  constructor(passwords: Readonly<Record<string, string>> = {}) {
    this.#passwords = new Map(Object.entries(passwords));
  }

  /** Gives every user that has a password its SCRAM credentials. */
  async prepare(random: Random): Promise<void> {
    for (const [user, password] of this.#passwords) {
      for (const mechanism of scramMechanisms) {
        // The salt goes over the wire, where equal runs have to be equal.
        const salt = random.bytes(SALT_BYTES);
        this.setScram(mechanism, user, await scramCredentialFromPassword({ crypto: nodeScramCrypto, mechanism, password, salt }));
      }
    }
  }

  /** Only those that the broker was started with; others come by SCRAM. */
  plainPassword(user: string): string | undefined {
    return this.#passwords.get(user);
  }

  scramCredential(mechanism: ScramMechanism, user: string): ScramCredential | undefined {
    return this.#scram[mechanism].get(user);
  }

  setScram(mechanism: ScramMechanism, user: string, credential: ScramCredential): void {
    this.#scram[mechanism].set(user, credential);
  }

  /** @returns whether there was one */
  deleteScram(mechanism: ScramMechanism, user: string): boolean {
    return this.#scram[mechanism].delete(user);
  }

  /** Users with SCRAM credentials, in alphabetical order. */
  scramUsers(): readonly string[] {
    return [...new Set(scramMechanisms.flatMap((mechanism) => [...this.#scram[mechanism].keys()]))].sort();
  }
}
