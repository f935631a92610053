// Batches of a transaction that may be in the log, and what is said of those behind them.

import { expect, it } from "vitest";
import { BOTH, transactionalStage } from "../support/transactional-stage.ts";

it.each(BOTH)("P8 v$version: behind a batch in doubt, one that was sent before is in doubt itself", async ({ cluster }) => {
  const stage = await transactionalStage(cluster, { requestTimeoutMs: 500, deliveryTimeoutMs: 20_000 });
  await stage.begun();
  await stage.when(stage.send("first"));
  const { faults } = stage.broker;
  faults.neverAnswer({ api: "Produce", times: 2, afterApply: true });
  const told: string[] = [];
  const sent: Promise<unknown>[] = [];
  for (const value of ["a", "b"]) {
    const sending = stage.send(value);
    sent.push(sending.catch((error: { verdict?: string }) => told.push(`${value}: ${error.verdict}`)));
    await stage.inner.clock.advance(20);
  }
  const lies = faults.failNext({ api: "Produce", times: 9, error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
  await stage.when(Promise.all(sent));
  lies.cancel();
  expect(told).toEqual(["a: possibly persisted", "b: possibly persisted"]);
  await stage.when(stage.producer.abortTransaction());
  await stage.goesOn("c");
  expect(await stage.committed()).toEqual(["c"]);
});
