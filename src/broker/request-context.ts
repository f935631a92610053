/** What a handler knows about the request besides its body. */
import type { ErrorName } from "../protocol/index.ts";
import type { BrokerNode } from "./cluster/broker-node.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { ClientConnection } from "./network/client-connection.ts";

export interface RequestContext {
  readonly cluster: Cluster;
  /** The node that was asked. */
  readonly node: BrokerNode;
  readonly connection: ClientConnection;
  readonly version: number;
  readonly correlationId: number;
  /** What the client calls itself; "" when it does not. */
  readonly clientId: string;
  /** An error that a test wants at this place of this request; undefined almost always. */
  faultAt(topic: string, partition?: number): InjectedFault | undefined;
  /** In words, for the journal, beside the answer. */
  remark(text: string): void;
}

/** The handler answers `error` for the item; before or after it has carried it out. */
export interface InjectedFault {
  readonly error: ErrorName;
  readonly errorCode: number;
  /** "Applied, but the answer was lost": the item is carried out, and still the answer says `error`. */
  readonly afterApply: boolean;
  /** For Produce: the records that the broker objects to (KIP-467). */
  readonly recordErrors?: readonly { readonly batchIndex: number; readonly message: string | null }[];
  readonly message?: string;
}
