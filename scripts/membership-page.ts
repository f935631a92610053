/** The text of docs/membership.md. */
import type { StateName } from "../src/client/group/classic/membership-state.ts";
import { membershipTable } from "../src/client/group/classic/membership-table.ts";
import type { MemberStateName } from "../src/client/group/consumer-protocol/member-state.ts";
import { memberTable } from "../src/client/group/consumer-protocol/member-table.ts";
import { type Edge, eventsTable, notesOf, type StateTable, stateDiagram, statesTable } from "./state-tables.ts";

const INTRODUCTION = `# Being in a group

<!-- Rendered by scripts/render-membership.ts from the tables of src/client/group. Do not edit: \`npm run docs\`. -->

A consumer that has subscribed with a \`groupId\` is a member of a group, in one of two ways. With \`groupProtocol: "classic"\` the members share
the partitions among themselves, by an assignor; with \`"consumer"\` (KIP-848, Kafka 4.0) their coordinator does it for them; \`"auto"\` takes the
second where brokers can. How groups are used: [groups](groups.md).

Each is a pure function \`step(state, event, now, rules)\` to the next state and what is to be done; these pages are its tables. What is not in
a table changes nothing: it is an answer to a life that is over. What a rebalance asks of the user is done inside his own calls that read
([decision 0016](decisions/0016-rebalances-in-reading-calls.md)); what he can see of it stands in [diagnostics](diagnostics.md).

When a member is lost (its coordinator has not heard of it for a session, or does not know it any more), nothing of what it held is handed
out from that moment on, whatever lies in its buffers; the warning \`MEMBERSHIP_LOST\` says why, and how long the event loop stood still if that
was the reason. A member that is not told its session (KIP-848) and stood still while a heartbeat was due hands out nothing before one is
answered. Who is lost joins again by itself. So does, when somebody reads, who left since nobody had read for \`maxPollIntervalMs\`.
`;

const CLASSIC: Readonly<Record<StateName, string>> = {
  OUT: "no member",
  PREPARING: "what has to go is let go of: processed, committed, and the listener told; heartbeats go on",
  JOINING: "JoinGroup is on its way, or to be sent after a pause",
  SYNCING: "SyncGroup is on its way, or the leader is assigning",
  MEMBER: "it has its partitions; heartbeats go on",
  LEAVING: "LeaveGroup is on its way",
  DEAD: "nothing helps: another one has its static name, or nobody lets it in; who reads is told",
};

const CONSUMER: Readonly<Record<MemberStateName, string>> = {
  OUT: "no member",
  LOSING: "others have what it held; the listener is being told",
  MEMBER: "heartbeats join it, say what it holds, and bring what is assigned; what is held is brought to that",
  LEAVING: "the last heartbeat is on its way",
  DEAD: "nothing helps; who reads is told",
};

const EVENTS = `| event | |
|---|---|
| wanted | somebody reads |
| stale, subscribed | other topics are subscribed to |
| prepared, released | what had to go is let go of |
| joined, shared, synced | JoinGroup is answered; the leader has assigned; SyncGroup is answered |
| settled, reconciled | the listener has been told of what came and went |
| heard, answered | a heartbeat is answered |
| looked, unseen | a static member that came with nothing knows whether every partition belongs to somebody; could not find out |
| learned | the names of assigned topics are known |
| refused, unanswered | the coordinator said no; there was no answer |
| time | a heartbeat is due, the session is over, or nobody has read for \`maxPollIntervalMs\` |
| leave, left | the consumer unsubscribes, or is closed; the coordinator knows |
`;

/** From nearly everywhere, and the same everywhere. */
const isSaidInWords = ({ event, to }: Edge): boolean => event === "leave" || to === "DEAD";

const IN_WORDS = "Not drawn: `leave`, which leads out from everywhere, and what leads to DEAD.\n";

function lifeIn(title: string, meanings: Readonly<Record<string, string>>, table: StateTable): string {
  return [
    `## ${title}\n`,
    statesTable(meanings),
    stateDiagram(table, "OUT", isSaidInWords),
    IN_WORDS,
    eventsTable(table, () => true),
    notesOf(table),
  ].join("\n");
}

export function membershipPage(): string {
  return [
    INTRODUCTION,
    `## What happens to a member\n\n${EVENTS}`,
    lifeIn("Classic: the members share", CLASSIC, membershipTable),
    lifeIn("Consumer: the coordinator shares (KIP-848)", CONSUMER, memberTable),
  ].join("\n");
}
