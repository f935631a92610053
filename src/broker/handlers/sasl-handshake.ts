import { SaslHandshake } from "../../protocol/index.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { defineHandler, type Handler } from "../handler.ts";

export const handler: Handler = defineHandler(SaslHandshake, {
  beforeAuthentication: true,
  answer({ mechanism }, { connection, version }) {
    // v0 is followed by raw tokens, v1 by SaslAuthenticate.
    const refusal = connection.authentication.choose(mechanism, version === 0);
    if (refusal !== undefined) connection.closeAfterAnswer(`chose the mechanism ${JSON.stringify(mechanism.slice(0, 40))}: ${refusal}`);
    return { errorCode: refusal === undefined ? NONE : codeOf(refusal), mechanisms: connection.authentication.mechanisms };
  },
  refuse: (_request, errorCode, { connection }) => ({ errorCode, mechanisms: connection.authentication.mechanisms }),
});
