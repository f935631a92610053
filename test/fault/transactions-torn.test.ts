// Records that were taken, and failed before they came to a broker. The faults are numbered as in the fault list.

import { describe, expect, it, vi } from "vitest";
import { IllegalStateError, TransactionFailedError } from "../../src/client/errors.ts";
import { nodeCodecs } from "../../src/client/index.ts";
import { BOTH, transactionalStage } from "../support/transactional-stage.ts";

describe("a transaction that lacks a record", () => {
  it.each(BOTH)("T12, P30 v$version: because its codec has failed cannot be committed", async ({ cluster }) => {
    const stage = await transactionalStage(cluster, { compression: "gzip" });
    await stage.begun();
    await stage.when(stage.send("a"));
    const failing = vi.spyOn(nodeCodecs.gzip, "compressAsync").mockRejectedValueOnce(new Error("no memory"));
    await expect(stage.when(stage.send("b"))).rejects.toMatchObject({ severity: "abortable", verdict: "not persisted" });
    failing.mockRestore();
    await expect(stage.when(stage.producer.commitTransaction())).rejects.toBeInstanceOf(TransactionFailedError);
    await stage.when(stage.producer.abortTransaction());
    await stage.goesOn("c");
    expect(await stage.committed()).toEqual(["c"]);
  });

  it.each(BOTH)(
    "T12 v$version: which was taken for a partition that turned out not to be there, cannot either",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster);
      const { producer } = stage;
      await stage.begun();
      const told: unknown[] = [];
      const isTaken = producer.produce("orders", { value: "a", partition: 9 }, (error) => told.push(error));
      expect(isTaken).toBe(true);
      await expect(stage.when(producer.commitTransaction())).rejects.toBeInstanceOf(TransactionFailedError);
      expect(told).toMatchObject([{ code: "ILLEGAL_STATE", severity: "abortable", verdict: "not persisted" }]);
      await stage.when(producer.abortTransaction());
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(["b"]);
    },
  );

  it.each(BOTH)("T12 v$version: a wrong call, whose record was not taken, changes nothing", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    await stage.begun();
    await stage.when(stage.send("a"));
    expect(() => stage.producer.produce("", { value: "b" })).toThrow(IllegalStateError);
    await stage.when(stage.producer.commitTransaction());
    expect(await stage.committed()).toEqual(["a"]);
  });
});
