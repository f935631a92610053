import { SaslAuthenticate } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";

export const handler: Handler = defineHandler(SaslAuthenticate, {
  async answer({ authBytes }, context) {
    const { connection } = context;
    const { error, message, bytes, sessionLifetimeMs } = await connection.authentication.authenticate(authBytes);
    // A token too many does no harm: the connection goes on.
    if (error === "SASL_AUTHENTICATION_FAILED") connection.closeAfterAnswer(`could not authenticate: ${message ?? ""}`);
    if (connection.authentication.isComplete && error === undefined) context.remark(`is ${connection.principal}`);
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
