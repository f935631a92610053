// A process that lives the seeds it is told to, one after the other.

import { type SeedOrder, type SeedReport, simulate } from "./simulate.ts";

process.on("message", (order: SeedOrder) => {
  simulate(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const report: SeedReport = { seed: order.seed, violations: [{ rule: "the simulator itself does not fail", text, atMs: 0 }] };
      process.send?.(report);
    },
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
