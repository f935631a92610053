import { KafkaError } from "../kafka-error.ts";

/**
 * Why an exchange failed:
 * - `SASL_INVALID_CREDENTIALS`: what the caller configured cannot be sent (an empty user, a token with a line break); nothing was.
 * - `SASL_MALFORMED`: the peer's message breaks the mechanism's grammar.
 * - `SASL_UNACCEPTABLE`: it is well-formed, but asks for what we will not do (too many iterations, channel binding).
 * - `SASL_AUTHENTICATION_FAILED`: one side has turned the credentials down.
 * - `SASL_SERVER_NOT_VERIFIED`: the server did not prove that it knows the password; it may be somebody in between.
 * - `SASL_WRONG_STATE`: a step was called out of turn, or after the exchange had ended.
 */
export type SaslErrorCode =
  | "SASL_INVALID_CREDENTIALS"
  | "SASL_MALFORMED"
  | "SASL_UNACCEPTABLE"
  | "SASL_AUTHENTICATION_FAILED"
  | "SASL_SERVER_NOT_VERIFIED"
  | "SASL_WRONG_STATE";

/**
 * An authentication that did not succeed. The message never holds passwords, tokens, proofs or raw message bytes; text that
 * came from the peer is escaped and capped. Never retriable by itself: the same credentials would meet the same answer, and
 * hammering a broker with them locks accounts.
 */
export class SaslError extends KafkaError {
  override readonly code: SaslErrorCode;
  override readonly retriable = false;
  readonly mechanism: string;
  /** What happened, without the mechanism in front: a broker answers with this text. */
  readonly problem: string;

  constructor(code: SaslErrorCode, mechanism: string, problem: string) {
    super(`${mechanism}: ${problem}`);
    this.code = code;
    this.mechanism = mechanism;
    this.problem = problem;
  }
}

/** The error of a step that was called out of turn. */
export function wrongState(mechanism: string, state: string): SaslError {
  return new SaslError(
    "SASL_WRONG_STATE",
    mechanism,
    `this step is not possible while the exchange is "${state}"; start a new exchange`,
  );
}
