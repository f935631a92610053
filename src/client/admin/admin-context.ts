import type { CallOptions } from "../client-core.ts";
import { BrokerError, type BrokerErrorContext } from "../errors.ts";
import type { LeaderContext } from "../leaders/leader-context.ts";
import type { FreshTopics } from "./fresh-topics.ts";

export type { CallOptions };

/** What a call works with. */
export interface AdminContext extends LeaderContext {
  readonly freshTopics: FreshTopics;
}

/** The error of an item, or undefined for none. */
export function itemError(
  errorCode: number,
  message: string | null | undefined,
  context: BrokerErrorContext,
): BrokerError | undefined {
  return errorCode === 0 ? undefined : new BrokerError(errorCode, context, message);
}
