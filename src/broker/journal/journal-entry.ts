/** What the journal is told. Bodies are what the broker decoded or is about to encode; they must not be changed. */
export interface JournalEvent {
  readonly kind: "connect" | "request" | "response" | "disconnect" | "fault" | "cluster";
  readonly atMs: number;
  readonly node?: number;
  /** Numbered from 1, over all nodes. */
  readonly connection?: number;
  /** Kafka's name of the API. */
  readonly api?: string;
  readonly version?: number;
  readonly correlationId?: number;
  readonly clientId?: string;
  readonly body?: unknown;
  /** In words: why a connection ended, which fault struck, what happened to the cluster. */
  readonly text?: string;
  /** Of the frame. */
  readonly sizeInBytes: number;
}

export interface JournalEntry extends JournalEvent {
  /** From 0. */
  readonly sequence: number;
}
