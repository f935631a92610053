import { SaslHandshake } from "../../protocol/index.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { defineHandler, type Handler } from "../api-handler.ts";

export const handler: Handler = defineHandler(SaslHandshake, {
  beforeAuthentication: true,
  answer({ mechanism }, { connection, version }) {
    // v0 is followed by raw tokens, v1 by SaslAuthenticate.
    const refusal = connection.authentication.choose(mechanism, version === 0);
    if (refusal !== undefined)
      connection.closeAfterAnswer(`chose the mechanism ${JSON.stringify(mechanism.slice(0, 40))}: ${refusal}`);
    // Who asks at the wrong time is not told what there is.
    const mechanisms = refusal === "ILLEGAL_SASL_STATE" ? [] : connection.authentication.mechanisms;
    return { errorCode: refusal === undefined ? NONE : codeOf(refusal), mechanisms };
  },
  refuse: (_request, errorCode, { connection }) => ({ errorCode, mechanisms: connection.authentication.mechanisms }),
});
