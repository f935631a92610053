import { MalformedMessageError } from "../../protocol/index.ts";
import { harmlessText } from "../errors/harmless-text.ts";

/** Something else than a Kafka broker in plaintext speaks here: trying again does not help. */
export class ForeignSpeakerError extends MalformedMessageError {}

/** Longer than we take; it may be right nevertheless. */
export class AnswerTooLargeError extends MalformedMessageError {}

const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 0x03;
const SIZE_BYTES = 4;
const PRINTABLE = /^[\x20-\x7e\r\n\t]*$/;

/**
 * Why the first bytes of an answer are no size that an answer can have.
 *
 * @param head the bytes of the size, and what came behind them
 */
export function oddSizeError(size: number, maxBytes: number, head: Uint8Array): MalformedMessageError {
  const problem = `a frame of ${size} bytes was announced; from 4 to ${maxBytes} are allowed`;
  const hint = speakerHint(head);
  if (hint !== undefined) return new ForeignSpeakerError(`${problem}: ${hint}`, { kind: "response" });
  if (size <= maxBytes) return new MalformedMessageError(problem, { kind: "response" });
  return new AnswerTooLargeError(`${problem}; if the answer is right, raise receiveMessageMaxBytes`, { kind: "response" });
}

function speakerHint(head: Uint8Array): string | undefined {
  const [first, second] = head;
  if ((first === TLS_ALERT || first === TLS_HANDSHAKE) && second === TLS_MAJOR) {
    const record = first === TLS_ALERT ? "a TLS alert" : "a TLS handshake";
    return `these bytes are ${record}; the broker speaks TLS on this port and we do not: set securityProtocol to SSL or SASL_SSL, or use its plaintext port`;
  }
  const text = String.fromCharCode(...head);
  if (text.startsWith("HTTP")) return 'these bytes are "HTTP": an HTTP server answers on this port, not a Kafka broker';
  if (text.startsWith("SSH-")) return 'these bytes are "SSH-": an SSH server answers on this port, not a Kafka broker';
  // The size alone may happen to look like text; what follows it in an answer begins with zeros.
  if (head.length > SIZE_BYTES && PRINTABLE.test(text))
    return `these bytes are text, "${harmlessText(text)}…": something else than a Kafka broker answers on this port`;
  return undefined;
}
