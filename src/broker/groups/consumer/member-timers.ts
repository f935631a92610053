import type { Clock, Timer } from "../../clock.ts";

/** The two ways in which time can take a member out of its group: it is not heard of, or it does not give up what it has to. */
export class MemberTimers {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Timer>();
  readonly #revocations = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the member has `timeoutMs` until its next heartbeat. */
  startSession(memberId: string, timeoutMs: number, onExpiry: () => void): void {
    this.#start(this.#sessions, memberId, timeoutMs, onExpiry);
  }

  startRevocation(memberId: string, timeoutMs: number, onExpiry: () => void): void {
    this.#start(this.#revocations, memberId, timeoutMs, onExpiry);
  }

  endRevocation(memberId: string): void {
    end(this.#revocations, memberId);
  }

  endAll(memberId: string): void {
    end(this.#sessions, memberId);
    end(this.#revocations, memberId);
  }

  close(): void {
    for (const timers of [this.#sessions, this.#revocations]) for (const memberId of timers.keys()) end(timers, memberId);
  }

  #start(timers: Map<string, Timer>, memberId: string, timeoutMs: number, onExpiry: () => void): void {
    end(timers, memberId);
    const timer = this.#clock.schedule(timeoutMs, () => {
      timers.delete(memberId);
      onExpiry();
    });
    timers.set(memberId, timer);
  }
}

function end(timers: Map<string, Timer>, memberId: string): void {
  timers.get(memberId)?.cancel();
  timers.delete(memberId);
}
