import { type ErrorName, errorCode, KafkaError } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

/** What a broker's error was about. */
export interface BrokerErrorContext {
  /** Kafka's name of the request. */
  readonly api: string;
  /** `host:port (id N)` of who answered. */
  readonly broker?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly group?: string;
  readonly transactionalId?: string;
  /** Anything else that has a name: `config`, `user`. */
  readonly resource?: string;
}

/** A broker answered with an error code. `code` is Kafka's name of it. */
export class BrokerError extends KafkaError {
  override readonly code: ErrorName;
  override readonly retriable: boolean;
  /** The int16 of the wire; for a code that we do not know, `code` is UNKNOWN_SERVER_ERROR and this tells them apart. */
  readonly errorCode: number;
  readonly context: BrokerErrorContext;
  /** The broker's own words, if it had any, as they came. Not to be trusted more than other bytes from the network. */
  readonly brokerMessage: string | undefined;

  /** @param options `note`: what we know beyond what the broker said */
  constructor(
    code: number,
    context: BrokerErrorContext,
    brokerMessage?: string | null,
    options: { readonly cause?: unknown; readonly note?: string } = {},
  ) {
    const row = errorCode(code);
    const said =
      brokerMessage === undefined || brokerMessage === null || brokerMessage === "" ? row.meaning : harmlessText(brokerMessage);
    const note = options.note === undefined ? "" : ` (${options.note})`;
    super(
      `${describeContext(context)}: ${row.name} (${code}): ${said}${note}`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = row.name;
    this.retriable = row.retriable;
    this.errorCode = code;
    this.context = context;
    this.brokerMessage = brokerMessage ?? undefined;
  }
}

function describeContext({ api, broker, topic, partition, group, transactionalId, resource }: BrokerErrorContext): string {
  const parts = [
    api,
    topic === undefined ? "" : partition === undefined ? `topic '${topic}'` : `topic '${topic}' partition ${partition}`,
    group === undefined ? "" : `group '${group}'`,
    transactionalId === undefined ? "" : `transactional id '${transactionalId}'`,
    resource ?? "",
    broker === undefined ? "" : `broker ${broker}`,
  ];
  return harmlessText(parts.filter((part) => part !== "").join(", "));
}
