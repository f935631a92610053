import { KafkaError } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

/** Hosts are what brokers say that they are, and the resolver repeats them: of any length, with any character. */
const LONGEST_NAME = 300;
const LONGEST_PROBLEM = 4000;

/** How far a connection had come. */
export type ConnectionPhase = "dns" | "tcp" | "tls" | "sasl" | "api versions" | "established";

/**
 * What became of a request that got no answer: `not sent` left no trace at the broker; with `unknown` the broker may or may not have
 * carried it out.
 */
export type Outcome = "not sent" | "unknown";

/** A connection could not be made, or broke. */
export class ConnectionError extends KafkaError {
  override readonly code = "CONNECTION";
  override readonly retriable: boolean;
  /** `host:port`, and the address behind it where they differ. */
  readonly broker: string;
  readonly phase: ConnectionPhase;
  readonly outcome: Outcome;

  constructor(
    problem: string,
    init: {
      readonly broker: string;
      readonly phase: ConnectionPhase;
      readonly outcome?: Outcome;
      readonly retriable?: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(`${named(init.broker)}${harmlessText(problem, LONGEST_PROBLEM)}`, { cause: init.cause });
    this.broker = init.broker;
    this.phase = init.phase;
    this.outcome = init.outcome ?? "not sent";
    this.retriable = init.retriable ?? true;
  }
}

/** One address that was tried in vain. */
export interface BootstrapAttempt {
  /** `host:port` as configured, and the resolved address. */
  readonly address: string;
  readonly phase: ConnectionPhase;
  readonly cause: Error;
}

/** None of the bootstrap servers could be reached. Lists every address with how far it got and why it failed. */
export class BootstrapError extends KafkaError {
  override readonly code = "BOOTSTRAP";
  override readonly retriable: boolean;
  readonly attempts: readonly BootstrapAttempt[];

  constructor(attempts: readonly BootstrapAttempt[], options: { readonly afterMs?: number; readonly retriable?: boolean } = {}) {
    const lines = attempts.map(({ address, phase, cause }) => `\n  ${address} (${phase}): ${withoutBroker(cause)}`);
    const after = options.afterMs === undefined ? "" : ` within ${Math.round(options.afterMs)} ms`;
    super(
      `no bootstrap server could be reached${after}; check bootstrapServers, the network and securityProtocol:${lines.join("")}`,
      {
        cause: attempts.at(-1)?.cause,
      },
    );
    this.attempts = attempts;
    this.retriable = options.retriable ?? true;
  }
}

/** Who we are was not accepted, or we did not accept who the broker is. Trying again does not help before somebody changes something. */
export class AuthenticationError extends KafkaError {
  override readonly code = "AUTHENTICATION";
  override readonly retriable = false;
  readonly broker: string;

  constructor(problem: string, init: { readonly broker: string; readonly cause?: unknown }) {
    super(`${named(init.broker)}${harmlessText(problem, LONGEST_PROBLEM)}`, { cause: init.cause });
    this.broker = init.broker;
  }
}

function named(broker: string): string {
  return `broker ${harmlessText(broker, LONGEST_NAME)}: `;
}

/** The address stands before it already. */
function withoutBroker(error: Error): string {
  const start = error instanceof ConnectionError || error instanceof AuthenticationError ? named(error.broker) : "";
  return error.message.startsWith(start) ? error.message.slice(start.length) : error.message;
}
