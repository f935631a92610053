import { describe, expect, it } from "vitest";
import { groupReaders } from "../../../../test/support/group-readers.ts";

describe.each(["range", "roundrobin", "sticky", "cooperative-sticky"] as const)(
  "members of a group that share by %s",
  (strategy) => {
    const options = { partitionAssignmentStrategy: strategy };

    it("have all partitions together and none of them twice, whoever comes and goes", async () => {
      const group = await groupReaders();
      const one = group.reader("one", options);
      await group.untilShared(4);
      const two = group.reader("two", options);
      await group.untilShared(2, 2);
      expect([...one.partitions, ...two.partitions].sort()).toEqual([0, 1, 2, 3]);
      const three = group.reader("three", options);
      await group.until(() => three.partitions.length === 1);
      await group.stage.when(one.consumer.close());
      await group.until(() => two.partitions.length === 2 && three.partitions.length === 2);
      expect([...two.partitions, ...three.partitions].sort()).toEqual([0, 1, 2, 3]);
      await group.stop();
    });
  },
);
