// A script asks one API in one version: what succeeds, and what is refused. Both brokers play it, word for word; only what a broker
// has given out itself (ids, epochs) is taken from that broker's own answers.

import type { ApiName } from "../../src/protocol/index.ts";
import type { Conversation } from "./conversation.ts";
import type { Topic } from "./preparations.ts";

/** What is created once on each broker, for requests that change nothing. */
export interface Stage {
  /** Two partitions; the first holds one batch of three records, in leader epoch 0. */
  readonly topic: Topic;
}

export type Script = (to: Conversation, version: number, stage: Stage) => Promise<void>;
export type Scripts = { readonly [Name in ApiName]?: Script };
