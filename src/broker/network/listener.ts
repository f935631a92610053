import type { BrokerSocket } from "./broker-socket.ts";

/** Where a node takes connections: a TCP port, a TLS port, or a name in memory. */
export interface Listener {
  readonly host: string;
  /** Known once it was opened; then it stays, also over a close and another open. */
  readonly port: number;
  open(): Promise<void>;
  /** Takes no more connections, and cuts what is left of those that are open. */
  close(): Promise<void>;
}

export type AcceptSocket = (socket: BrokerSocket) => void;
