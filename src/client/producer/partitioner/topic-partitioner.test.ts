import { describe, expect, it } from "vitest";
import { stickySwitchesFixtures } from "../../../../test/support/fixtures.ts";
import { type ProducerOptions, resolveProducerConfig } from "../../config/producer-config.ts";
import { type TopicPartitioner, type TopicView, topicPartitioner } from "./topic-partitioner.ts";

/** Nothing is wrong with a partition, unless a test says so. */
class Topic implements TopicView {
  readonly topic = "orders";
  partitionCount: number;
  readonly leaderless = new Set<number>();
  racks: readonly (string | undefined)[] = [];
  queues: readonly number[] = [];
  stuck: readonly number[] = [];

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount;
  }

  hasLeader(partition: number): boolean {
    return !this.leaderless.has(partition);
  }

  leaderRack(partition: number): string | undefined {
    return this.racks[partition];
  }

  queuedBatches(partition: number): number {
    return this.queues[partition] ?? 1;
  }

  stuckMs(partition: number): number {
    return this.stuck[partition] ?? 0;
  }
}

/** Chance that goes through `of` equal parts in turn: what Java's tests do with a counter instead of a random number. */
function inTurn(of: number): () => number {
  let next = 0;
  return () => ((next++ % of) + 0.5) / of;
}

function partitionerOf(topic: TopicView, options: ProducerOptions, random = inTurn(topic.partitionCount)): TopicPartitioner {
  return topicPartitioner(resolveProducerConfig(options), topic, random);
}

/** Sends a record without a key. */
function send(partitioner: TopicPartitioner, bytes: number, isBatchFull = true): number {
  const partition = partitioner.choose(null, null);
  partitioner.appended?.(partition, bytes, isBatchFull);
  return partition;
}

function count(partitions: readonly number[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const partition of partitions) counts[partition] = (counts[partition] ?? 0) + 1;
  return counts;
}

const times = <T>(n: number, act: () => T): readonly T[] => Array.from({ length: n }, act);

describe("records without keys stick to a partition", () => {
  it.each(stickySwitchesFixtures())("and leave it when they do in Java: batchSize $batchSize", ({ batchSize, steps }) => {
    let switches = -1;
    const partitioner = partitionerOf(new Topic(1), { batchSize }, () => {
      switches++;
      return 0;
    });
    partitioner.choose(null, null);
    const seen = steps.map(([bytes, isBatchFull]) => {
      const before = switches;
      send(partitioner, bytes, isBatchFull);
      return switches > before;
    });
    expect(seen).toEqual(steps.map(([, , isSwitched]) => isSwitched));
    expect(switches).toBeGreaterThan(40);
  });

  it("until it has got batchSize bytes of them", () => {
    const partitioner = partitionerOf(new Topic(3), { batchSize: 3 });
    expect(times(9, () => send(partitioner, 1))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("and then to the only one there is", () => {
    const partitioner = partitionerOf(new Topic(1), { batchSize: 1 });
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 0: 10 });
  });

  it("each for itself when batchSize is 0", () => {
    const partitioner = partitionerOf(new Topic(3), { batchSize: 0 });
    expect(times(4, () => send(partitioner, 10))).toEqual([0, 1, 2, 0]);
  });

  it("a while longer, so that no fraction of a batch is left behind", () => {
    const partitioner = partitionerOf(new Topic(2), { batchSize: 100 });
    // The first batch left after 70 bytes; with 40 of the next, enough went here, but that one is not full.
    expect(send(partitioner, 70, false)).toBe(0);
    expect(send(partitioner, 40, false)).toBe(0);
    expect(send(partitioner, 40, true)).toBe(0);
    expect(send(partitioner, 40, false)).toBe(1);
  });

  it("but for twice batchSize at most", () => {
    const partitioner = partitionerOf(new Topic(2), { batchSize: 100 });
    expect(times(5, () => send(partitioner, 50, false))).toEqual([0, 0, 0, 0, 1]);
  });

  it("until the batch that a switch waited for has left", () => {
    const topic = new Topic(2);
    const partitioner = partitionerOf(topic, { batchSize: 100 });
    expect(send(partitioner, 120, false)).toBe(0);
    expect(partitioner.choose(null, null)).toBe(0);
    topic.queues = [0, 0];
    expect(send(partitioner, 1, false)).toBe(1);
  });

  it("until a record does not fit into a batch that has become large enough", () => {
    const partitioner = partitionerOf(new Topic(2), { batchSize: 100 });
    expect(send(partitioner, 60, false)).toBe(0);
    expect(send(partitioner, 45, false)).toBe(0);
    expect(partitioner.choose(null, null)).toBe(0);
    partitioner.appended?.(0, 0, true);
    expect(partitioner.choose(null, null)).toBe(1);
  });

  it("also when its batch is closed before it has got enough", () => {
    const partitioner = partitionerOf(new Topic(2), { batchSize: 100 });
    expect(send(partitioner, 60, false)).toBe(0);
    expect(partitioner.choose(null, null)).toBe(0);
    partitioner.appended?.(0, 0, true);
    expect(partitioner.choose(null, null)).toBe(0);
  });

  it("whatever keys and explicit partitions bring there meanwhile", () => {
    const partitioner = partitionerOf(new Topic(2), { batchSize: 100 });
    expect(send(partitioner, 60)).toBe(0);
    partitioner.appended?.(0, 1000, true); // of a record that named its partition
    const keyed = Array.from({ length: 50 }, (_, index) => `key-${index}`).find((key) => partitioner.choose(key, null) === 0);
    expect(partitioner.choose(keyed ?? "", null)).toBe(0);
    partitioner.appended?.(0, 1000, true);
    expect(send(partitioner, 60)).toBe(0);
    expect(send(partitioner, 60)).toBe(1);
  });

  it.each(["default", "random"] as const)("%s: whatever comes there after one that has failed", (name) => {
    let chances = 0;
    const partitioner = partitionerOf(new Topic(1), { partitioner: name, batchSize: 100 }, () => {
      chances++;
      return 0;
    });
    partitioner.choose(null, null); // It was too large, say: nothing is appended.
    partitioner.choose("key", null);
    const before = chances;
    partitioner.appended?.(0, 1000, true);
    partitioner.choose(null, null);
    expect(chances).toBe(before);
  });

  it("until its leader is gone, if there is another", () => {
    const topic = new Topic(3);
    const partitioner = partitionerOf(topic, { batchSize: 1000 }, () => 0);
    expect(send(partitioner, 1)).toBe(0);
    topic.leaderless.add(0);
    expect(send(partitioner, 1)).toBe(1);
    topic.leaderless.add(1).add(2);
    expect(times(3, () => send(partitioner, 1))).toEqual([1, 1, 1]);
  });
});

describe("records without keys go to partitions that have leaders", () => {
  it("only, and to all of them", () => {
    const topic = new Topic(3);
    topic.leaderless.add(1);
    const partitioner = partitionerOf(topic, { batchSize: 1 }, inTurn(2));
    expect(count(times(100, () => send(partitioner, 1)))).toEqual({ 0: 50, 2: 50 });
  });

  it("or to any while none has one", () => {
    const topic = new Topic(3);
    topic.leaderless.add(0).add(1).add(2);
    const partitioner = partitionerOf(topic, { batchSize: 1 });
    expect(count(times(9, () => send(partitioner, 1)))).toEqual({ 0: 3, 1: 3, 2: 3 });
  });

  it("and to new ones, when there are more", () => {
    const topic = new Topic(1);
    const partitioner = partitionerOf(topic, { batchSize: 1 }, inTurn(4));
    expect(count(times(4, () => send(partitioner, 1)))).toEqual({ 0: 4 });
    topic.partitionCount = 4;
    expect(Object.keys(count(times(8, () => send(partitioner, 1))))).toEqual(["0", "1", "2", "3"]);
  });
});

describe("adaptive partitioning", () => {
  const queues = [5, 0, 3, 0, 1];

  it("chooses the more often the fewer batches wait", () => {
    const topic = new Topic(5);
    topic.queues = queues;
    const weights = queues.map((size) => 6 - size);
    const cycle = weights.reduce((sum, weight) => sum + weight, 0);
    const partitioner = partitionerOf(topic, { batchSize: 1 }, inTurn(cycle));
    const chosen = count(times(2 * cycle, () => send(partitioner, 1)));
    expect(chosen).toEqual(Object.fromEntries(weights.map((weight, partition) => [partition, 2 * weight])));
  });

  it("can be switched off", () => {
    const topic = new Topic(5);
    topic.queues = queues;
    const partitioner = partitionerOf(topic, { batchSize: 1, partitionerAdaptive: false });
    expect(count(times(50, () => send(partitioner, 1)))).toEqual({ 0: 10, 1: 10, 2: 10, 3: 10, 4: 10 });
  });

  it("leaves out partitions whose leader has taken nothing for longer than partitionerAvailabilityTimeoutMs", () => {
    const topic = new Topic(3);
    topic.stuck = [101, 100, 0];
    const partitioner = partitionerOf(topic, { batchSize: 1, partitionerAvailabilityTimeoutMs: 100 }, inTurn(2));
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 1: 5, 2: 5 });
  });

  it("leaves out none while all leaders take nothing", () => {
    const topic = new Topic(3);
    topic.stuck = [101, 101, 101];
    const partitioner = partitionerOf(topic, { batchSize: 1, partitionerAvailabilityTimeoutMs: 100 });
    expect(count(times(9, () => send(partitioner, 1)))).toEqual({ 0: 3, 1: 3, 2: 3 });
  });

  it("does not ask how long leaders are silent when the timeout is 0", () => {
    const topic = new Topic(2);
    topic.stuck = [1_000_000, 0];
    const partitioner = partitionerOf(topic, { batchSize: 1 });
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 0: 5, 1: 5 });
  });
});

describe("rack-aware partitioning", () => {
  const options: ProducerOptions = { batchSize: 1, partitionerRackAware: true, clientRack: "r1" };
  const racks = ["r0", "r1", undefined, "r1"];

  it("keeps to leaders in clientRack", () => {
    const topic = new Topic(4);
    topic.racks = racks;
    expect(count(times(10, () => send(partitionerOf(topic, options, inTurn(1)), 1)))).toEqual({ 3: 10 });
    const partitioner = partitionerOf(topic, options, inTurn(2));
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 1: 5, 3: 5 });
  });

  it("weighs them by what waits there", () => {
    const topic = new Topic(4);
    topic.racks = racks;
    topic.queues = [9, 0, 9, 2];
    const partitioner = partitionerOf(topic, options, inTurn(4));
    expect(count(times(8, () => send(partitioner, 1)))).toEqual({ 1: 6, 3: 2 });
  });

  it("goes elsewhere while none there has a leader, and comes back", () => {
    const topic = new Topic(4);
    topic.racks = racks;
    topic.leaderless.add(1).add(3);
    const partitioner = partitionerOf(topic, options, inTurn(2));
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 0: 5, 2: 5 });
    topic.leaderless.clear();
    send(partitioner, 1);
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 1: 5, 3: 5 });
  });

  it("goes elsewhere rather than to leaders there that take nothing", () => {
    const topic = new Topic(4);
    topic.racks = racks;
    topic.stuck = [0, 500, 0, 500];
    const partitioner = partitionerOf(topic, { ...options, partitionerAvailabilityTimeoutMs: 100 }, inTurn(2));
    expect(count(times(10, () => send(partitioner, 1)))).toEqual({ 0: 5, 2: 5 });
  });

  it("treats all alike where brokers have no racks", () => {
    const partitioner = partitionerOf(new Topic(3), options);
    expect(count(times(9, () => send(partitioner, 1)))).toEqual({ 0: 3, 1: 3, 2: 3 });
  });

  it("has no say for keys", () => {
    const topic = new Topic(4);
    topic.racks = racks;
    const plain = partitionerOf(new Topic(4), {});
    const aware = partitionerOf(topic, options);
    for (const key of ["a", "b", "c", "d", "e"]) expect(aware.choose(key, null)).toBe(plain.choose(key, null));
  });
});

describe("partitionerIgnoreKeys", () => {
  it.each(["default", "murmur2Random", "consistentRandom", "fnv1aRandom", "random"] as const)(
    "%s: treats every record as one without a key",
    (partitioner) => {
      const chooser = partitionerOf(new Topic(3), { partitioner, batchSize: 2, partitionerIgnoreKeys: true });
      const chosen = times(6, () => {
        const partition = chooser.choose("the same key", null);
        chooser.appended?.(partition, 1, true);
        return partition;
      });
      expect(chosen).toEqual([0, 0, 1, 1, 2, 2]);
    },
  );
});

describe("random", () => {
  it("sends every record with a key anywhere, and those without one by the batch", () => {
    const chooser = partitionerOf(new Topic(3), { partitioner: "random", batchSize: 2 });
    expect(times(4, () => chooser.choose("k", null))).toEqual([0, 1, 2, 0]);
    expect(times(4, () => send(chooser, 1))).toEqual([1, 1, 2, 2]);
  });

  it("tries once more when a partition has no leader", () => {
    const topic = new Topic(3);
    topic.leaderless.add(1);
    expect(
      times(
        3,
        (
          (chooser) => () =>
            chooser.choose("k", null)
        )(partitionerOf(topic, { partitioner: "random" })),
      ),
    ).toEqual([0, 2, 0]);
  });
});

describe("roundRobin", () => {
  it("goes through the partitions in turn, whatever the keys", () => {
    const chooser = partitionerOf(new Topic(3), { partitioner: "roundRobin" });
    expect([null, "k", "k", Buffer.from("x"), null].map((key) => chooser.choose(key, null))).toEqual([0, 1, 2, 0, 1]);
  });

  it("leaves out those without a leader, unless none has one", () => {
    const topic = new Topic(3);
    topic.leaderless.add(1);
    const chooser = partitionerOf(topic, { partitioner: "roundRobin" });
    expect(times(4, () => chooser.choose(null, null))).toEqual([0, 2, 0, 2]);
    topic.leaderless.add(0).add(2);
    expect(times(4, () => chooser.choose(null, null))).toEqual([0, 1, 2, 0]);
  });

  it("goes on to new partitions", () => {
    const topic = new Topic(1);
    const chooser = partitionerOf(topic, { partitioner: "roundRobin" });
    expect(times(2, () => chooser.choose(null, null))).toEqual([0, 0]);
    topic.partitionCount = 3;
    expect(times(4, () => chooser.choose(null, null))).toEqual([1, 2, 0, 1]);
  });
});

describe("a function", () => {
  it("is asked with the topic, the key's bytes, all partitions and those that have a leader", () => {
    const topic = new Topic(3);
    const asked: unknown[] = [];
    const chooser = partitionerOf(topic, {
      partitioner: (...given) => {
        asked.push(given);
        return 2;
      },
    });
    expect(chooser.choose("käse", null)).toBe(2);
    topic.leaderless.add(1);
    chooser.choose(null, null);
    topic.leaderless.clear();
    topic.leaderless.add(0);
    topic.partitionCount = 4;
    const key = Buffer.from("k");
    chooser.choose(key, null);
    topic.leaderless.clear();
    chooser.choose(null, null);
    topic.leaderless.add(3);
    chooser.choose(null, null);
    expect(asked).toEqual([
      ["orders", new TextEncoder().encode("käse"), [0, 1, 2], [0, 1, 2]],
      ["orders", null, [0, 1, 2], [0, 2]],
      ["orders", key, [0, 1, 2, 3], [1, 2, 3]],
      ["orders", null, [0, 1, 2, 3], [0, 1, 2, 3]],
      ["orders", null, [0, 1, 2, 3], [0, 1, 2]],
    ]);
  });

  it("cannot change what the next call sees", () => {
    const chooser = partitionerOf(new Topic(2), {
      partitioner: (_, __, partitions, available) => {
        expect([Object.isFrozen(partitions), Object.isFrozen(available)]).toEqual([true, true]);
        return partitions.length - available.length;
      },
    });
    expect(times(2, () => chooser.choose(null, null))).toEqual([0, 0]);
  });

  it("lets its errors through", () => {
    const chooser = partitionerOf(new Topic(1), {
      partitioner: () => {
        throw new RangeError("no");
      },
    });
    expect(() => chooser.choose(null, null)).toThrow(RangeError);
  });
});
