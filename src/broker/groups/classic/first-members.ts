import type { Clock } from "../../clock.ts";
import type { PreparingRebalance } from "./classic-state.ts";

export interface FirstMembersWait {
  readonly clock: Clock;
  /** `group.initial.rebalance.delay.ms`. */
  readonly delayMs: number;
  /** The longest that all delays together may last. */
  readonly rebalanceTimeoutMs: number;
  readonly whenOver: () => void;
}

/**
 * Where one member starts more will, and every one of them would cost a rebalance (KIP-134): so an empty group waits for a while
 * after its first member, and anew as long as others have come meanwhile.
 */
export function awaitFirstMembers(
  state: PreparingRebalance,
  { clock, delayMs, rebalanceTimeoutMs, whenOver }: FirstMembersWait,
): void {
  const wait = (forMs: number, remainingMs: number): void => {
    state.joinTimer = clock.schedule(forMs, () => {
      if (!state.hasNewMember || remainingMs === 0) {
        whenOver();
        return;
      }
      state.hasNewMember = false;
      wait(Math.min(delayMs, remainingMs), Math.max(remainingMs - forMs, 0));
    });
  };
  wait(delayMs, Math.max(rebalanceTimeoutMs - delayMs, 0));
}
