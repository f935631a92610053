import { describe, expect, it } from "vitest";
import { producerStage, TOPIC } from "../../../../test/support/producer-stage.ts";

describe("partitionerAvailabilityTimeoutMs", () => {
  it.each([
    { timeoutMs: 1000, isAvoided: true },
    { timeoutMs: 0, isAvoided: false },
  ])("$timeoutMs: records without keys avoid a leader that answers nothing: $isAvoided", async ({ timeoutMs, isAvoided }) => {
    const options = { batchSize: 0, partitionerAvailabilityTimeoutMs: timeoutMs };
    const stage = await producerStage({ nodes: 2, topics: { [TOPIC]: 2 } }, options);
    for (const partition of [0, 1]) await stage.when(stage.producer.send(TOPIC, { value: "first", partition }));
    stage.broker.moveLeader({ topic: TOPIC, partition: 0 }, 1);
    stage.broker.moveLeader({ topic: TOPIC, partition: 1 }, 2);
    for (const partition of [0, 1]) await stage.when(stage.producer.send(TOPIC, { value: "moved", partition }));
    stage.broker.faults.neverAnswer({ api: "Produce", node: 1, times: 100 });
    const fill = Array.from({ length: 8 }, () => stage.producer.send(TOPIC, { value: "x", partition: 0 }));
    await stage.clock.advance(2000);
    let toSilent = 0;
    for (let count = 0; count < 20; count++) {
      const sent = stage.producer.send(TOPIC, { value: "keyless" });
      sent.catch(() => undefined);
      await stage.clock.advance(500);
      if ((await Promise.race([sent, Promise.resolve(undefined)])) === undefined) toSilent++;
    }
    // The first may have been chosen before.
    expect(toSilent > 1).toBe(!isAvoided);
    stage.broker.faults.clear();
    await stage.when(Promise.all(fill));
    await stage.when(stage.producer.flush());
  });
});
