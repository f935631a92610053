/** A timer that is later than this was kept waiting. */
export const NOTICEABLE_MS = 1_000;
/** Of a session: heartbeats are meant to come three times in it. */
const MUCH = 1 / 3;

/** G12: whether the event loop stood still, as a timer that is so late says. */
export function stoodStill(lateMs: number): boolean {
  return lateMs >= NOTICEABLE_MS;
}

/** G12: whether it did for so long that the session nearly came to its end: whoever could do something about it has to know. */
export function nearlyCostsTheSession(lateMs: number, sessionTimeoutMs: number): boolean {
  return stoodStill(lateMs) && lateMs >= sessionTimeoutMs * MUCH;
}
