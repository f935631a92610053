/** Who waits for memory: topics whose records found none, and callers of `ready()`. */
import type { Deadline } from "../../async/deadline.ts";
import { QueueFullError } from "../../errors.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { TopicQueue } from "./topic-queue.ts";

/** Of the memory: as much must be free before `ready()` resolves, so that a fast producer does not wake up for every record. */
const READY_SHARE = 4;

export interface MemoryWaitersInit {
  /** Has the topic's records take what is there; true if they need more. */
  readonly serve: (topic: TopicQueue) => boolean;
  /** Somebody has begun to wait. */
  readonly onPressed: () => void;
  /** So many records wait for other reasons that no more are taken. */
  readonly isCrowded: () => boolean;
}

export class MemoryWaiters {
  readonly #init: MemoryWaitersInit;
  /** In the order in which they came. */
  readonly #topics = new Set<TopicQueue>();
  readonly #ready: (() => void)[] = [];
  #isServing = false;
  /** By the last record that was turned away: with less room it would be turned away again, and again. */
  #wantedBytes = 0;

  constructor(init: MemoryWaitersInit) {
    this.#init = init;
  }

  /** Somebody waits: what lingers must not linger longer. */
  get isPressed(): boolean {
    return this.#topics.size + this.#ready.length > 0;
  }

  /** Whoever comes now has to wait behind somebody. */
  get isContended(): boolean {
    return this.#topics.size > 0;
  }

  add(topic: TopicQueue): void {
    this.#topics.add(topic);
    this.#init.onPressed();
  }

  /** A record found no room, and is not waited for here. */
  turnedAway(bytes: number): void {
    this.#wantedBytes = bytes;
  }

  /** There is more room: for those who have waited longest. Later, for whoever made it is in the middle of something. */
  wake(memory: BufferMemory): void {
    if (this.#isServing || (this.#topics.size === 0 && this.#ready.length === 0)) return;
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      for (const topic of this.#topics) {
        // Whoever needs more keeps its place, or large records would never have their turn.
        if (this.#init.serve(topic)) break;
        this.#topics.delete(topic);
      }
      if (this.isReady(memory)) for (const resolve of this.#ready.splice(0)) resolve();
    });
  }

  isReady(memory: BufferMemory): boolean {
    if (this.isContended || this.#init.isCrowded() || !memory.hasRoomFor(this.#wantedBytes)) return false;
    return memory.records === 0 || memory.availableBytes >= memory.totalBytes / READY_SHARE;
  }

  /** Resolves when there is room. */
  async ready(memory: BufferMemory, deadline: Deadline): Promise<void> {
    if (this.isReady(memory)) return;
    let isOver = (): void => undefined;
    const room = new Promise<void>((resolve) => {
      isOver = resolve;
      this.#ready.push(resolve);
    });
    this.#init.onPressed();
    const timedOut = (): Error => new QueueFullError({ bufferMemory: memory.totalBytes, waitedMs: deadline.timeoutMs });
    try {
      await deadline.race(room, timedOut);
    } finally {
      const at = this.#ready.indexOf(isOver);
      if (at !== -1) this.#ready.splice(at, 1);
    }
  }
}
