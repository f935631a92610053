import type { CallContext } from "../../client-core.ts";
import type { CallSettings } from "./coordinator-call.ts";

/** What every request of a transaction is made with. */
export interface TransactionCall {
  readonly context: CallContext;
  readonly settings: CallSettings;
  readonly transactionalId: string;
}
