// A script asks one API in one version whatever makes it show its answers. What it needs besides, it does in the latest versions.

import type { ApiName } from "../../src/protocol/index.ts";
import type { Live, Topic } from "./live.ts";

/** What is created once, for requests that change nothing. */
export interface Stage {
  /** Two partitions; the first holds one batch, of `STAGE_RECORDS`, in leader epoch 0. */
  readonly topic: Topic;
  /** A log directory of the broker. */
  readonly logDir: string;
  readonly brokerId: number;
  readonly hasShareGroups: boolean;
}

export type Script = (live: Live, version: number, stage: Stage) => Promise<void>;
export type Scripts = { readonly [Name in ApiName]?: Script };

export const STAGE_RECORDS: readonly { key: string; value: string; timestamp: number; headers: readonly [string, string][] }[] = [
  { key: "first", value: "one", timestamp: 1000, headers: [["from", "the live test"]] },
  { key: "second", value: "two", timestamp: 3000, headers: [] },
  { key: "third", value: "three", timestamp: 2000, headers: [] },
];
