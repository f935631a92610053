import type { Random } from "../../random.ts";
import { FetchSession } from "./fetch-session.ts";

/** For so long after its beginning, and after its last use, a session is safe from others. Fixed in Kafka, too. */
export const EVICTION_MS = 120_000;
const MAX_SESSION_ID = 0x7fff_ffff;

type SessionInit = Omit<ConstructorParameters<typeof FetchSession>[0], "id">;

/** The fetch sessions of a node: so many and no more (`max.incremental.fetch.session.cache.slots`). */
export class FetchSessionCache {
  readonly #random: Random;
  readonly #slots: () => number;
  readonly #sessions = new Map<number, FetchSession>();

  constructor(random: Random, slots: () => number) {
    this.#random = random;
    this.#slots = slots;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: number): FetchSession | undefined {
    return this.#sessions.get(id);
  }

  remove(id: number): void {
    this.#sessions.delete(id);
  }

  /** Undefined when there is no room, and nobody who would have to go for this one. */
  create(init: SessionInit): FetchSession | undefined {
    if (this.#sessions.size >= this.#slots() && !this.#evictFor(init)) return undefined;
    const session = new FetchSession({ ...init, id: this.#newId() });
    this.#sessions.set(session.id, session);
    return session;
  }

  #newId(): number {
    for (;;) {
      const id = 1 + this.#random.integer(MAX_SESSION_ID);
      if (!this.#sessions.has(id)) return id;
    }
  }

  /** One that nobody has used for long goes; else the smallest that is old enough, if the new one is worth as much. */
  #evictFor({ isPrivileged, results, nowMs }: SessionInit): boolean {
    const oldest = leastBy(this.#sessions.values(), (session) => [session.lastUsedMs, session.id]);
    if (oldest === undefined) return false;
    const isStale = nowMs - oldest.lastUsedMs > EVICTION_MS;
    const victim = isStale ? oldest : leastBy(this.#evictable(isPrivileged), worthOf);
    if (victim === undefined || (!isStale && compare([Number(isPrivileged), results.length, 0], worthOf(victim)) < 0)) return false;
    this.#sessions.delete(victim.id);
    return true;
  }

  *#evictable(byPrivileged: boolean): Generator<FetchSession, undefined> {
    for (const session of this.#sessions.values()) {
      const isOld = session.lastUsedMs - session.createdMs > EVICTION_MS;
      if (isOld || (byPrivileged && !session.isPrivileged)) yield session;
    }
    return undefined;
  }
}

/** What a session is worth: brokers before consumers, then many partitions before few. */
function worthOf({ isPrivileged, size, id }: FetchSession): readonly number[] {
  return [Number(isPrivileged), size, id];
}

function leastBy(sessions: Iterable<FetchSession>, keyOf: (session: FetchSession) => readonly number[]): FetchSession | undefined {
  let least: FetchSession | undefined;
  for (const session of sessions) if (least === undefined || compare(keyOf(session), keyOf(least)) < 0) least = session;
  return least;
}

/** As Java compares tuples. */
function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) if (value !== right[index]) return value - (right[index] ?? 0);
  return 0;
}
