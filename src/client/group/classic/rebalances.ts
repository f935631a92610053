import type { RebalanceNews } from "../rebalance-news.ts";
import type { MembershipEvent, MembershipState } from "./membership-state.ts";

const SUBSCRIBED = "the consumer has subscribed";
const AGAIN = "members have come or gone, or want something else, while the last one was under way";
const OTHERS_WAIT = "it has let go of partitions, which others wait for";
const NOBODYS = "partitions of its topics belong to nobody, for static members come back without a rebalance";
const CALLED = "the group comes together: others have come or gone, or want something else";

/** On its way to being settled in a generation. */
function isMoving(state: MembershipState): boolean {
  switch (state.name) {
    case "PREPARING":
    case "JOINING":
    case "SYNCING":
      return true;
    case "MEMBER":
      return !state.isSettled;
    default:
      return false;
  }
}

/** What a step means for who watches. @param reason why it joins, if it was told to by its own consumer */
export function rebalancesIn(
  before: MembershipState,
  event: MembershipEvent,
  after: MembershipState,
  reason: string,
): readonly RebalanceNews[] {
  if (after.name === "DEAD") return before.name === "DEAD" ? [] : [{ kind: "failed", because: after.error.message }];
  const news: RebalanceNews[] = [];
  const isSettling = event.kind === "settled" && before.name === "MEMBER" && !before.isSettled;
  if (isSettling) news.push({ kind: "ended", generationId: before.generation.generationId });
  if (isMoving(after) && (isSettling || !isMoving(before))) news.push({ kind: "began", cause: causeOf(event, reason) });
  return news;
}

function causeOf(event: MembershipEvent, reason: string): string {
  switch (event.kind) {
    case "wanted":
      return SUBSCRIBED;
    case "stale":
      return reason;
    case "looked":
      return NOBODYS;
    case "settled":
      return event.hasReleased ? OTHERS_WAIT : AGAIN;
    default:
      return CALLED;
  }
}
