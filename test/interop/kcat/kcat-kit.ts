import { runCommand } from "../../support/child-processes.ts";
import type { ClientKit } from "../scenario.ts";
import { balancesGroup, resumesGroup } from "./groups.ts";
import { createsOnDemand, listsMetadata } from "./metadata.ts";
import { asksForOffsets, startsAnywhere } from "./offsets.ts";
import { readsOurs } from "./ours.ts";
import { carriesBigValues, keepsNulls, partitionsByKey, producesIdempotently, readsCommitted, readsEveryCodec } from "./records.ts";
import { kcatWrites } from "./theirs.ts";

/** Debian's kcat, which is librdkafka 2.0. */
export const kcatKit: ClientKit = {
  client: "kcat",
  async prepare() {
    try {
      await runCommand("kcat", ["-V"]);
      return undefined;
    } catch {
      return { unavailable: "kcat is not installed (Debian's package kcat)" };
    }
  },
  scenarios: [
    listsMetadata,
    createsOnDemand,
    readsEveryCodec,
    keepsNulls,
    partitionsByKey,
    producesIdempotently,
    carriesBigValues,
    readsCommitted,
    startsAnywhere,
    asksForOffsets,
    balancesGroup,
    resumesGroup,
    ...readsOurs,
    ...kcatWrites,
  ],
};
