import type { FaultAction } from "./fault-action.ts";
import { checkTarget, type FaultTarget } from "./fault-target.ts";

/** A fault that was asked for. */
export interface Fault {
  /** How often it has struck. */
  readonly hits: number;
  /** It strikes no more. */
  cancel(): void;
}

/** A fault with what it does; the dispatcher's view. */
export class FaultRule implements Fault {
  readonly target: FaultTarget;
  readonly action: FaultAction;
  hits = 0;
  #toSkip: number;
  #left: number;

  constructor(target: FaultTarget, action: FaultAction) {
    checkTarget(target);
    this.target = target;
    this.action = action;
    this.#toSkip = target.skip ?? 0;
    this.#left = target.times ?? 1;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  cancel(): void {
    this.#left = 0;
  }

  /** Counts a request that matches and that another fault of this kind has struck already. */
  giveWay(): void {
    if (this.#toSkip > 0) this.#toSkip--;
  }

  /** Counts a request, or an item of one, that matches; true when the fault strikes. */
  strike(): boolean {
    if (this.isSpent) return false;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return false;
    }
    this.#left--;
    this.hits++;
    return true;
  }
}
