import type { Clock, Timer } from "../../clock.ts";

/** How long each member may stay silent. */
export class Sessions {
  readonly #clock: Clock;
  readonly #onExpire: (memberId: string) => void;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock, onExpire: (memberId: string) => void) {
    this.#clock = clock;
    this.#onExpire = onExpire;
  }

  /** Begins a session, or begins it anew. */
  start(memberId: string, timeoutMs: number): void {
    this.#timers.get(memberId)?.cancel();
    const expire = (): void => {
      this.#timers.delete(memberId);
      this.#onExpire(memberId);
    };
    this.#timers.set(memberId, this.#clock.schedule(timeoutMs, expire));
  }

  end(memberId: string): void {
    this.#timers.get(memberId)?.cancel();
    this.#timers.delete(memberId);
  }

  endAll(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
