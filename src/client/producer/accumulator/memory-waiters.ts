/** Who waits for memory: topics whose records found none, and callers of `ready()`. */
import type { Deadline } from "../../async/deadline.ts";
import { QueueFullError } from "../../errors.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { TopicQueue } from "./topic-queue.ts";

/** Of the memory: as much must be free before `ready()` resolves, so that a fast producer does not wake up for every record. */
const READY_SHARE = 4;

export class MemoryWaiters {
  readonly #serve: (topic: TopicQueue) => void;
  readonly #onPressed: () => void;
  /** In the order in which they came. */
  readonly #topics = new Set<TopicQueue>();
  readonly #ready: (() => void)[] = [];
  #isServing = false;
  /** By the last record that was turned away: with less room it would be turned away again, and again. */
  #wantedBytes = 0;

  /**
   * @param serve has the topic's records take what is there; it may have itself added again
   * @param onPressed somebody has begun to wait
   */
  constructor(serve: (topic: TopicQueue) => void, onPressed: () => void) {
    this.#serve = serve;
    this.#onPressed = onPressed;
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
    this.#onPressed();
  }

  /** A record found no room, and is not waited for here. */
  turnedAway(bytes: number): void {
    this.#wantedBytes = bytes;
  }

  /** Memory has become free: for those who have waited longest. Later, for whoever frees it is in the middle of something. */
  wake(memory: BufferMemory): void {
    if (this.#isServing || (this.#topics.size === 0 && this.#ready.length === 0)) return;
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      for (const topic of [...this.#topics]) {
        this.#topics.delete(topic);
        this.#serve(topic);
        if (this.#topics.has(topic)) break;
      }
      if (this.isReady(memory)) for (const resolve of this.#ready.splice(0)) resolve();
    });
  }

  isReady(memory: BufferMemory): boolean {
    if (this.isContended || !memory.hasRoomFor(this.#wantedBytes)) return false;
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
    this.#onPressed();
    const timedOut = (): Error => {
      const { totalBytes: bufferMemory } = memory;
      const wantedBytes = Math.ceil(bufferMemory / READY_SHARE);
      return new QueueFullError({ topic: "any", wantedBytes, bufferMemory, waitedMs: deadline.timeoutMs });
    };
    try {
      await deadline.race(room, timedOut);
    } finally {
      const at = this.#ready.indexOf(isOver);
      if (at !== -1) this.#ready.splice(at, 1);
    }
  }
}
