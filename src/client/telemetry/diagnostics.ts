import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import type {
  ConnectFailure,
  ConnectionFacts,
  Disconnection,
  MetadataFacts,
  PartitionResumption,
  PartitionStall,
  Rebalance,
  RebalanceBeginning,
  RequestFacts,
  ResponseFacts,
} from "./telemetry.ts";

/** What a client is used for. */
export type ClientKind = "admin" | "producer" | "consumer" | "share-consumer";

/** Who publishes. The same object in all messages of one client: it can be compared, and be a key of a WeakMap. */
export interface DiagnosticsClient {
  readonly kind: ClientKind;
  readonly clientId: string;
}

interface ClientMessage {
  readonly client: DiagnosticsClient;
}

interface ConnectionMessage extends ClientMessage {
  readonly connection: ConnectionFacts;
}

interface RequestMessage extends ConnectionMessage {
  readonly request: RequestFacts;
}

/** What is published where. Names and members are stable: there will be more of them, never others. */
export interface DiagnosticsMessages {
  /** A request goes onto the wire. */
  "kafkawire:request:sent": RequestMessage;
  /** Its answer has come, whatever error codes it carries. */
  "kafkawire:request:response": RequestMessage & { readonly response: ResponseFacts };
  /** No answer will come. */
  "kafkawire:request:error": RequestMessage & { readonly error: Error; readonly durationMs: number };
  "kafkawire:connection:connecting": ConnectionMessage;
  /** Established: encrypted, authenticated and versions agreed upon. */
  "kafkawire:connection:connected": ConnectionMessage & { readonly durationMs: number; readonly remote: string };
  "kafkawire:connection:failed": ConnectionMessage & ConnectFailure;
  /** What was established is no more; `error` is undefined when nothing was wrong. */
  "kafkawire:connection:closed": ConnectionMessage & Disconnection;
  "kafkawire:metadata:updated": ClientMessage & { readonly metadata: MetadataFacts };
  "kafkawire:metadata:failed": ClientMessage & { readonly error: Error; readonly attempt: number };
  /** Everything known is forgotten, and the bootstrap servers are asked again. */
  "kafkawire:metadata:rebootstrap": ClientMessage & { readonly reason: string };
  /** A partition that should make progress does not: once per stall. */
  "kafkawire:consumer:stalled": ClientMessage & PartitionStall;
  /** It does again. */
  "kafkawire:consumer:resumed": ClientMessage & PartitionResumption;
  /** A member of a group has to let go of something, or to join. */
  "kafkawire:consumer:rebalancing": ClientMessage & RebalanceBeginning;
  /** That is over. */
  "kafkawire:consumer:rebalanced": ClientMessage & Rebalance;
  /** Something that a person should know of; `code` is stable. */
  "kafkawire:warning": ClientMessage & {
    readonly code: string;
    readonly text: string;
    readonly facts: Readonly<Record<string, unknown>>;
  };
}

export type DiagnosticsName = keyof DiagnosticsMessages;

/** A channel of Node whose messages have a type. */
export interface DiagnosticsChannel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

type DiagnosticsChannels = { readonly [Name in DiagnosticsName]: DiagnosticsChannel<DiagnosticsMessages[Name]> };

/** Held for good: a channel that nobody holds may be collected as garbage, with its subscribers. */
export const diagnosticsChannels: DiagnosticsChannels = {
  "kafkawire:request:sent": channel("kafkawire:request:sent"),
  "kafkawire:request:response": channel("kafkawire:request:response"),
  "kafkawire:request:error": channel("kafkawire:request:error"),
  "kafkawire:connection:connecting": channel("kafkawire:connection:connecting"),
  "kafkawire:connection:connected": channel("kafkawire:connection:connected"),
  "kafkawire:connection:failed": channel("kafkawire:connection:failed"),
  "kafkawire:connection:closed": channel("kafkawire:connection:closed"),
  "kafkawire:metadata:updated": channel("kafkawire:metadata:updated"),
  "kafkawire:metadata:failed": channel("kafkawire:metadata:failed"),
  "kafkawire:metadata:rebootstrap": channel("kafkawire:metadata:rebootstrap"),
  "kafkawire:consumer:stalled": channel("kafkawire:consumer:stalled"),
  "kafkawire:consumer:resumed": channel("kafkawire:consumer:resumed"),
  "kafkawire:consumer:rebalancing": channel("kafkawire:consumer:rebalancing"),
  "kafkawire:consumer:rebalanced": channel("kafkawire:consumer:rebalanced"),
  "kafkawire:warning": channel("kafkawire:warning"),
};

/** `diagnostics_channel.subscribe` with the types of the messages. Returns what ends the subscription. */
export function onDiagnostics<Name extends DiagnosticsName>(
  name: Name,
  listener: (message: DiagnosticsMessages[Name]) => void,
): () => void {
  // A function of its own, so that a listener may be subscribed twice and each subscription ends by itself.
  const own = (message: unknown): void => {
    if (isFromClient<Name>(message)) listener(message);
  };
  subscribe(name, own);
  return () => {
    unsubscribe(name, own);
  };
}

/** Channels are open to everybody; what a client publishes on them says so. */
function isFromClient<Name extends DiagnosticsName>(message: unknown): message is DiagnosticsMessages[Name] {
  return typeof message === "object" && message !== null && "client" in message;
}
