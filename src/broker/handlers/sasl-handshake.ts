import { SaslHandshake } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { NO_ANSWER } from "../no-answer.ts";

export const handler: Handler = defineHandler(SaslHandshake, {
  answer({ mechanism }, { connection, version }) {
    // v0 is followed by raw tokens, v1 by SaslAuthenticate.
    const { error, mechanisms, endsWith, isSilent } = connection.authentication.choose(mechanism, version === 0);
    if (endsWith !== undefined) {
      if (isSilent === true) {
        connection.destroy(endsWith);
        return NO_ANSWER;
      }
      connection.closeAfterAnswer(endsWith);
    }
    return { errorCode: error === undefined ? NONE : codeOf(error), mechanisms };
  },
  // Who asks at the wrong time is not told what there is.
  refuse: (_request, errorCode) => ({ errorCode, mechanisms: [] }),
});
