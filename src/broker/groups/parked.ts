import { NO_ANSWER } from "../no-answer.ts";
import type { RequestContext } from "../request-context.ts";
import type { Answer } from "./answer.ts";

/**
 * Holds a request's answer back until a group calls for it. When the connection goes first nobody needs the answer any more; the
 * group goes on waiting for the member all the same, as Kafka does, which cannot see that it hung up.
 */
export function parked<T>(context: RequestContext, park: (answer: Answer<T>) => void): Promise<T | typeof NO_ANSWER> {
  return new Promise((resolve) => {
    const stopListening = context.connection.onClose(() => resolve(NO_ANSWER));
    park((answer) => {
      stopListening();
      resolve(answer);
    });
  });
}
