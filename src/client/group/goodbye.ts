import type { Deadline } from "../async/deadline.ts";

/** A member's last words, and who waits until the coordinator has heard them: several perhaps, who left and came and left. */
export class Goodbye {
  readonly #waiting: (() => void)[] = [];

  /** The coordinator has heard of it, or nobody will try any more. */
  heard(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when it is heard, or at the deadline. Says it by `say`, which tells whether anything has to be waited for. Never rejects. */
  async say(deadline: Deadline, say: () => boolean): Promise<boolean> {
    // First: it may be heard at once.
    const heard = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!say()) {
      this.heard();
      return false;
    }
    await deadline.race(heard, () => new Error("the coordinator has not answered")).catch(() => undefined);
    return true;
  }
}
