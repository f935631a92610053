import { base64FromBytes } from "./base64.ts";

/** A user has one salt per mechanism; more only turn up when credentials change, or when a server invents them. */
const MAX_ENTRIES = 8;

interface Entry {
  readonly password: string;
  readonly saltedPassword: Promise<Uint8Array>;
}

/**
 * Remembers the outcome of the expensive part of SCRAM, so that a hundred connections which break together do not each spend
 * their milliseconds on it, nor do two that ask at the same time. One client shares one cache among its connections.
 */
export class SaltedPasswordCache {
  readonly #entries = new Map<string, Entry>();

  /** `derive` is called unless the same password has been salted in the same way; a failure is not remembered. */
  saltedPassword(
    { mechanism, password, salt, iterations }: SaltedPasswordKey,
    derive: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const key = `${mechanism} ${iterations} ${base64FromBytes(salt)}`;
    const known = this.#entries.get(key);
    if (known?.password === password) return known.saltedPassword;
    const entry: Entry = { password, saltedPassword: derive() };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#dropOldest();
    // The caller gets the rejection; this branch only makes room for another attempt.
    entry.saltedPassword.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.saltedPassword;
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) return;
      this.#entries.delete(key);
    }
  }
}

export interface SaltedPasswordKey {
  readonly mechanism: string;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}
