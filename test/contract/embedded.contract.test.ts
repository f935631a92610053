// The contract suite on the embedded broker.

import { describe, expect, test } from "vitest";
import { exceptions } from "./exceptions.ts";
import { embeddedBroker } from "./suite/broker-under-test.ts";
import { chapters } from "./suite/chapters.ts";
import { titleOf } from "./suite/contract.ts";
import { contractTests } from "./suite/contract-tests.ts";

contractTests("the embedded broker", () => embeddedBroker());

describe("the list of exceptions", () => {
  test("names only contracts that there are", () => {
    const titles = new Set(chapters.flatMap(({ contracts }) => contracts).map(titleOf));
    expect(exceptions.map(({ contract }) => contract).filter((title) => !titles.has(title))).toEqual([]);
  });
});
