// The suite as vitest's tests, on one broker.

import { afterAll, beforeAll, describe, test } from "vitest";
import type { BrokerUnderTest } from "./broker-under-test.ts";
import { chapters } from "./chapters.ts";
import { type Outcome, play } from "./play.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What came of a contract and on which broker; `scripts/test.ts` counts them. */
    contract?: { readonly broker: string; readonly result: Outcome["result"] };
  }
}

/** A test for each contract. One that the broker does not keep by a listed exception passes. */
export function contractTests(title: string, start: () => Promise<BrokerUnderTest>): void {
  describe(`the contract on ${title}`, () => {
    let broker: BrokerUnderTest | undefined;

    beforeAll(async () => {
      broker = await start();
    });

    afterAll(async () => {
      await broker?.stop();
    });

    for (const { name, contracts } of chapters) {
      describe(name, () => {
        for (const contract of contracts) {
          test(contract.name, async ({ task }) => {
            if (broker === undefined) throw new Error("the broker did not start");
            const outcome = await play(contract, broker);
            task.meta.contract = { broker: title, result: outcome.result };
            if (outcome.result === "failed") throw outcome.error;
          });
        }
      });
    }
  });
}
