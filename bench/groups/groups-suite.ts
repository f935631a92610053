/** Which cases the suite `groups` consists of. */
import type { Case, Suite } from "../suites.ts";

/** How the partitions are shared: eagerly by each client's default, by `cooperative-sticky`, or by the coordinator (KIP-848). */
export const modes = ["classic", "cooperative", "consumer"] as const;
export type Mode = (typeof modes)[number];

/** What happens to the members: one dies, one closes, or all are restarted one after the other; static ones, too. */
export type Event = "death" | "close" | "rolling" | "static";

export interface GroupsCase extends Case {
  readonly event: Event;
  readonly mode: Mode;
  readonly clients: readonly string[];
}

const ALL = ["kafkawire", "kafkajs", "java"] as const;
/** kafkajs knows the eager protocol, and no other. */
const MORE = ["kafkawire", "java"] as const;

const MEANINGS: Readonly<Record<Event, string>> = {
  death:
    "One of five members is killed (SIGKILL). The gap of each of its partitions: from the last record that it handled to the first that another member did. The coordinator gives it up when its session of 6 s is over.",
  close: "Three of five members close, one after the other (SIGTERM): the same gap.",
  rolling:
    "Ten members are restarted one after the other (SIGTERM, and a new process when the old one is gone). For each restart and each of the twenty partitions, the longest time in which it was not read is a gap: some 20 ms, the writer's pace, where nobody noticed anything. `unread s` adds up those of more than 150 ms; `pauses` are the times in which no partition at all was read for more than 150 ms.",
  static: "The same with static members (`group.instance.id`): their partitions wait for them.",
};

const events: readonly Event[] = ["death", "close", "rolling", "static"];

function caseOf(event: Event, mode: Mode): GroupsCase {
  return {
    name: `${event}/${mode}`,
    ...(mode === "classic" && { meaning: MEANINGS[event] }),
    unit: "records",
    unitsPerIteration: 1,
    bytesPerIteration: 0,
    event,
    mode,
    clients: mode === "classic" && event !== "static" ? ALL : MORE,
  };
}

export const groupsCases: readonly GroupsCase[] = events.flatMap((event) =>
  // What is cooperative makes no difference where nothing is rebalanced.
  modes.filter((mode) => event !== "static" || mode !== "cooperative").map((mode) => caseOf(event, mode)),
);

export const groupsSuite: Suite = { name: "groups", cases: groupsCases, clients: [...ALL], runs: 2 };
