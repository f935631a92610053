/**
 * Requests that go to the leaders of partitions: one to each leader, side by side. What moves meanwhile is asked for again where it is
 * then, until the deadline.
 */
import { KafkaError } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { backoffMs } from "../cluster/backoff.ts";
import { classOfError } from "../cluster/error-classes.ts";
import { RequestTimeoutError } from "../errors.ts";
import { missingResult } from "./item-failure.ts";
import type { LeaderContext } from "./leader-context.ts";
import { aboutItem, askLeader, type LeaderQuestion, type PartitionRow } from "./leader-request.ts";
import { locateLeaders } from "./locate-leaders.ts";
import type { PartitionItem } from "./partition-item.ts";

/**
 * How long a topic may be unknown before it counts as missing: one that was created a moment ago takes a while to reach every broker.
 * (Java's client goes on until the call's deadline, a minute, for whoever has misspelled a name.)
 */
const NEW_TOPIC_GRACE_MS = 5000;

export interface LeaderCall<Item extends PartitionItem, Request, Response, Row extends PartitionRow>
  extends LeaderQuestion<Item, Request, Response, Row> {
  readonly items: readonly Item[];
  /** Instead of the five seconds that a topic is given to turn up. */
  readonly newTopicGraceMs?: number;
  /** An error of one item that will not pass ends the call: it throws that. */
  readonly isAllOrNothing?: boolean;
}

export interface LeaderOutcome<Item, Row> {
  readonly item: Item;
  readonly outcome: Row | KafkaError;
}

/** What the leaders said, in the order of the items. */
export async function askLeaders<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: LeaderContext,
  call: LeaderCall<Item, Request, Response, Row>,
): Promise<readonly LeaderOutcome<Item, Row>[]> {
  if (call.items.length === 0) return [];
  const settled = new Map<Item, Row | KafkaError>();
  await context.cluster.bootstrap(context.deadline);
  const grace = new Deadline(context.deadline.clock, call.newTopicGraceMs ?? NEW_TOPIC_GRACE_MS);
  const failures = new Map<Item, KafkaError>();
  let pending = call.items;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const failed = await askOnce(context, call, pending, { isStale: attempt > 1, settled });
    for (const [item, error] of failed) {
      if (!mayPass(error, call.api.name, grace)) {
        if (call.isAllOrNothing === true) throw error;
        settled.set(item, error);
      }
      // What went wrong before says more than that the time is over.
      if (!failures.has(item) || !(error instanceof RequestTimeoutError)) failures.set(item, error);
    }
    pending = pending.filter((item) => !settled.has(item));
    if (pending.length > 0) await context.deadline.sleep(backoffMs(attempt, context, context.random));
    if (context.deadline.isOver) pending = settleAll(pending, failures, settled);
  }
  return call.items.map((item) => ({ item, outcome: settled.get(item) ?? missingResult(aboutItem(call.api.name, item)) }));
}

function settleAll<Item, Row>(
  pending: readonly Item[],
  failures: ReadonlyMap<Item, KafkaError>,
  settled: Map<Item, Row | KafkaError>,
): readonly Item[] {
  for (const item of pending) {
    const error = failures.get(item);
    if (error !== undefined) settled.set(item, error);
  }
  return [];
}

/** Asks everybody once; what was answered goes to `settled`, the rest is returned with what went wrong. */
async function askOnce<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: LeaderContext,
  call: LeaderCall<Item, Request, Response, Row>,
  items: readonly Item[],
  { isStale, settled }: { readonly isStale: boolean; readonly settled: Map<Item, Row | KafkaError> },
): Promise<ReadonlyMap<Item, KafkaError>> {
  const { byLeader, unlocated } = await locateLeaders(context, items, { api: call.api.name, isStale });
  const failures = new Map(unlocated);
  await Promise.all(
    Array.from(byLeader, async ([nodeId, ofLeader]) => {
      for (const [item, outcome] of await askLeader(context, call, nodeId, ofLeader)) {
        if (outcome instanceof KafkaError) failures.set(item, outcome);
        else settled.set(item, outcome);
      }
    }),
  );
  return failures;
}

function mayPass(error: KafkaError, api: string, grace: Deadline): boolean {
  return classOfError(error, api).remedy !== "fatal" && !(error.code === "UNKNOWN_TOPIC_OR_PARTITION" && grace.isOver);
}
