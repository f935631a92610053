import { ClosedError } from "../../../../src/client/errors.ts";
import type { Checker } from "../../checkers/checker.ts";
import { outcomeText } from "../../world/simulated-client.ts";

const closed: Checker = {
  rule: "a closed client says so, and at once",
  watch: (world) => ({
    onCallEnd: ({ title, isAfterClose, startedMs, endedMs, outcome }) => {
      if (!isAfterClose) return;
      const isTold = outcome.kind === "error" && outcome.error instanceof ClosedError && endedMs === startedMs;
      if (!isTold) world.violate(closed.rule, `${title()}, after ${endedMs - startedMs} ms: ${outcomeText(outcome)}`);
    },
  }),
};

/** From this version on a request says whether topics shall be created by asking for them. */
const FIRST_VERSION_WITH_CHOICE = 4;

const sideEffects: Checker = {
  rule: "an administrator who looks for a topic does not create it",
  watch: (world) => ({
    onEntry: ({ kind, api, version = 0, clientId = "", body }) => {
      if (kind !== "request" || api !== "Metadata" || !clientId.startsWith("admin-") || version < FIRST_VERSION_WITH_CHOICE) return;
      if (typeof body !== "object" || body === null || !("topics" in body) || !Array.isArray(body.topics)) return;
      const mayCreate = "allowAutoTopicCreation" in body && body.allowAutoTopicCreation === true;
      if (mayCreate && body.topics.length > 0)
        world.violate(sideEffects.rule, `${clientId} asked for metadata with allowAutoTopicCreation`);
    },
  }),
};

export const adminCheckers: readonly Checker[] = [closed, sideEffects];
