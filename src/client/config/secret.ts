import { inspect } from "node:util";

const REDACTED = "[redacted]";

/** A password, or a key: a value that must not turn up in a log, in JSON or in a debugger's output. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for whoever sends or decrypts with it, and nobody else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  static {
    // In here, because the name of a declared method has to be spelled out.
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => REDACTED });
  }
}
