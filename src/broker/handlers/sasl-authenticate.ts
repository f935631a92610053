import { SaslAuthenticate } from "../../protocol/index.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { defineHandler, type Handler } from "../api-handler.ts";

export const handler: Handler = defineHandler(SaslAuthenticate, {
  beforeAuthentication: true,
  async answer({ authBytes }, { connection }) {
    const { error, message, bytes, sessionLifetimeMs } = await connection.authentication.authenticate(authBytes);
    // A token too many does no harm: the connection goes on.
    if (error === "SASL_AUTHENTICATION_FAILED") connection.closeAfterAnswer("authentication failed");
    return {
      errorCode: error === undefined ? NONE : codeOf(error),
      // Kafka says nothing in no letters, not in null.
      errorMessage: message ?? "",
      authBytes: bytes,
      sessionLifetimeMs: Math.floor(sessionLifetimeMs),
    };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});
