import type { SaslError } from "../../protocol/index.ts";

/**
 * What a client is told of why it may not come in, in Apache Kafka's words. What only the grammar of a message forbids is not told,
 * as it might say something about the user; PLAIN's message is so simple that it is.
 */
export function refusalText({ code, mechanism, problem }: SaslError, isAgain: boolean): string {
  const [first, again] = ["during authentication due to", "during re-authentication due to"];
  if (code === "SASL_AUTHENTICATION_FAILED") return isAgain ? problem.replace(first, again) : problem;
  if (mechanism !== "PLAIN") {
    return `Authentication failed ${isAgain ? again : first} invalid credentials with SASL mechanism ${mechanism}`;
  }
  return problem.startsWith("Invalid SASL/PLAIN response") ? problem : "Authentication failed: Invalid username or password";
}
