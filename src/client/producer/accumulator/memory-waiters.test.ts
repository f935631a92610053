import { describe, expect, it } from "vitest";
import { HeldClock } from "../../../broker/index.ts";
import { Deadline } from "../../async/deadline.ts";
import { BufferMemory } from "./buffer-memory.ts";
import { MemoryWaiters } from "./memory-waiters.ts";
import { TopicQueue } from "./topic-queue.ts";

const topicNamed = (topic: string): TopicQueue =>
  new TopicQueue({ topic, partitionerFor: () => ({ choose: () => 0 }), rackOf: () => undefined, now: () => 0 });

class Stage {
  readonly clock = new HeldClock();
  readonly served: string[] = [];
  /** Topics for which there is still no room when they are served. */
  readonly unlucky = new Set<TopicQueue>();
  pressed = 0;
  isCrowded = false;
  readonly waiters: MemoryWaiters;
  readonly memory: BufferMemory;

  constructor(bytes = 100) {
    this.waiters = new MemoryWaiters({
      serve: (topic) => {
        this.served.push(topic.topic);
        return this.unlucky.has(topic);
      },
      onPressed: () => this.pressed++,
      isCrowded: () => this.isCrowded,
    });
    this.memory = new BufferMemory(bytes, Number.POSITIVE_INFINITY, () => this.waiters.wake(this.memory));
  }

  deadline(ms = 1000, signal?: AbortSignal): Deadline {
    return new Deadline(this.clock, ms, signal);
  }

  turn(): Promise<void> {
    return this.clock.advance(0);
  }
}

describe("who waits for memory", () => {
  it("is served in the order of coming, never inside the call that frees it", async () => {
    const stage = new Stage();
    stage.memory.take(100);
    stage.waiters.add(topicNamed("a"));
    stage.waiters.add(topicNamed("b"));
    stage.memory.give(100, 1);
    expect(stage.served).toEqual([]);
    await stage.turn();
    expect(stage.served).toEqual(["a", "b"]);
    expect(stage.waiters.isPressed).toBe(false);
  });

  it("nobody is served behind one for whom there is no room yet, and others find that they have to wait", async () => {
    const stage = new Stage();
    const [a, b] = [topicNamed("a"), topicNamed("b")];
    stage.memory.take(100);
    stage.waiters.add(a);
    stage.waiters.add(b);
    stage.unlucky.add(a);
    stage.memory.give(10, 0);
    await stage.turn();
    expect(stage.served).toEqual(["a"]);
    expect(stage.waiters.isContended).toBe(true);
  });

  it("keeps its place when there is still no room for it", async () => {
    const stage = new Stage();
    const [a, b] = [topicNamed("a"), topicNamed("b")];
    stage.memory.take(100);
    stage.waiters.add(a);
    stage.waiters.add(b);
    stage.unlucky.add(a);
    stage.memory.give(10, 0);
    await stage.turn();
    stage.unlucky.clear();
    stage.memory.give(10, 0);
    await stage.turn();
    expect(stage.served).toEqual(["a", "a", "b"]);
  });

  it("is not ready as long as too many records wait for other reasons", async () => {
    const stage = new Stage();
    stage.isCrowded = true;
    expect(stage.waiters.isReady(stage.memory)).toBe(false);
    const ready = stage.waiters.ready(stage.memory, stage.deadline());
    stage.isCrowded = false;
    stage.waiters.wake(stage.memory);
    await ready;
  });

  it("has what lingers sent: whoever begins to wait presses", async () => {
    const stage = new Stage();
    stage.memory.take(100);
    stage.waiters.add(topicNamed("a"));
    const ready = stage.waiters.ready(stage.memory, stage.deadline());
    expect(stage.pressed).toBe(2);
    stage.memory.give(100, 1);
    await ready;
  });
});

describe("ready", () => {
  it("resolves at once when a quarter is free", async () => {
    const stage = new Stage();
    stage.memory.take(75);
    await stage.waiters.ready(stage.memory, stage.deadline());
    expect(stage.pressed).toBe(0);
  });

  it("does not wake for every record: it resolves when a quarter is free, or when nothing is held", async () => {
    const stage = new Stage();
    stage.memory.take(50);
    stage.memory.take(50);
    let isReady = false;
    const ready = stage.waiters.ready(stage.memory, stage.deadline()).then(() => (isReady = true));
    stage.memory.give(24, 0);
    await stage.turn();
    expect(isReady).toBe(false);
    stage.memory.give(1, 0);
    await stage.turn();
    expect(isReady).toBe(true);
    await ready;
  });

  it("lets those go first who wait with a record", async () => {
    const stage = new Stage();
    const a = topicNamed("a");
    stage.memory.take(100);
    stage.waiters.add(a);
    stage.unlucky.add(a);
    let isReady = false;
    const ready = stage.waiters.ready(stage.memory, stage.deadline()).then(() => (isReady = true));
    stage.memory.give(100, 1);
    await stage.turn();
    expect(isReady).toBe(false);
    stage.unlucky.clear();
    stage.waiters.wake(stage.memory);
    await stage.turn();
    expect(isReady).toBe(true);
    await ready;
  });

  it("rejects at its deadline and by its signal, and then presses nobody any more", async () => {
    const stage = new Stage();
    stage.memory.take(100);
    const late = stage.waiters.ready(stage.memory, stage.deadline(500));
    const giveUp = new AbortController();
    const aborted = stage.waiters.ready(stage.memory, stage.deadline(1000, giveUp.signal));
    const refused = [expect(late).rejects.toMatchObject({ code: "QUEUE_FULL" }), expect(aborted).rejects.toThrow("no more")];
    giveUp.abort(new Error("no more"));
    await stage.clock.advance(500);
    await Promise.all(refused);
    expect(stage.waiters.isPressed).toBe(false);
    expect(stage.clock.pendingTimers).toBe(0);
  });
});
