import { KafkaError, UnsupportedVersionError } from "../../../src/protocol/index.ts";
import { errorText } from "../world/simulated-client.ts";
import type { Checker } from "./checker.ts";

/** The earliest deadline or abort of a call that has passed while it is still open. */
const inTime: Checker = {
  rule: "every call ends by its deadline",
  watch: (world) => ({
    onStep: () => {
      const now = world.clock.monotonic();
      for (const { openCalls, clientId } of world.clients) {
        for (const { title, deadlineMs, abortMs = deadlineMs } of openCalls) {
          const dueMs = Math.min(deadlineMs, abortMs);
          // Whom it excuses is looked up rarely: this is done between any two timers.
          if (now <= dueMs || now <= world.excused(dueMs, clientId)) continue;
          world.violate(inTime.rule, `${title()} was to end at ${dueMs} and is open at ${now}`);
          return;
        }
      }
    },
    onCallEnd: ({ title, clientId, deadlineMs, abortMs = deadlineMs, endedMs }) => {
      const due = world.excused(Math.min(deadlineMs, abortMs), clientId);
      if (endedMs > due) world.violate(inTime.rule, `${title()} was to end at ${due} and ended at ${endedMs}`);
    },
  }),
};

const typed: Checker = {
  rule: "a call fails with an error of the library, or with its caller's reason",
  watch: (world) => ({
    onCallEnd: ({ title, outcome, abortReason, abortMs, endedMs }) => {
      if (outcome.kind === "value" || outcome.error instanceof KafkaError) return;
      if (outcome.error === abortReason && abortMs !== undefined && endedMs >= abortMs) return;
      const stack = outcome.error instanceof Error ? outcome.error.stack : undefined;
      world.violate(typed.rule, `${title()} failed with ${errorText(outcome.error)}\n${stack ?? ""}`);
    },
  }),
};

/** What brokers older than the oldest that a scenario may have lack. */
const MAY_BE_LACKING: ReadonlySet<string> = new Set(["createPartitions", "incrementalAlterConfigs", "ask DescribeCluster"]);

const supported: Checker = {
  rule: "nobody takes a broker for older than it is",
  watch: (world) => ({
    onCallEnd: ({ title, method, outcome }) => {
      if (outcome.kind === "value" || !(outcome.error instanceof UnsupportedVersionError) || MAY_BE_LACKING.has(method)) return;
      if (!world.injectedErrors.has("UNSUPPORTED_VERSION"))
        world.violate(supported.rule, `${title()}: ${errorText(outcome.error)}`);
    },
  }),
};

export const callCheckers: readonly Checker[] = [inTime, typed, supported];
