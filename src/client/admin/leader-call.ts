/**
 * Requests that go to the leaders of partitions: one to each leader, side by side. What moves meanwhile is asked for again where it is
 * then, until the deadline.
 */
import { type Api, type Draft, KafkaError, type NegotiationLimits } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import { backoffMs } from "../cluster/backoff.ts";
import type { ClusterAnswer } from "../cluster/cluster.ts";
import { classOfError } from "../cluster/error-classes.ts";
import { BrokerError, type BrokerErrorContext, RequestTimeoutError } from "../errors.ts";
import { type AdminContext, addressOf, brokerTimeoutMs, isItemFailure, missingResult } from "./admin-context.ts";
import { locateLeaders } from "./leaders.ts";
import { type PartitionItem, placeOf } from "./partition-item.ts";

/**
 * How long a topic may be unknown before it counts as missing: one that was created a moment ago takes a while to reach every broker.
 * (Java's client goes on until the call's deadline, a minute, for whoever has misspelled a name.)
 */
const NEW_TOPIC_GRACE_MS = 5000;

export interface PartitionRow extends PartitionItem {
  readonly errorCode: number;
}

export interface LeaderCall<Item extends PartitionItem, Request, Response, Row extends PartitionRow> {
  readonly api: Api<Request, Response>;
  readonly items: readonly Item[];
  readonly body: (items: readonly Item[], version: number, timeoutMs: number) => Draft<Request>;
  readonly rows: (response: Response) => readonly Row[];
  /** What an item needs of the broker: items with different needs travel in requests of their own. */
  readonly limitsOf?: (item: Item) => NegotiationLimits;
  /** What we can say of an error in this place, beyond what its code means. */
  readonly noteOn?: (item: Item, errorCode: number) => string | undefined;
}

export interface LeaderOutcome<Item, Row> {
  readonly item: Item;
  readonly outcome: Row | KafkaError;
}

/** What the leaders said, in the order of the items. */
export async function askLeaders<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: AdminContext,
  call: LeaderCall<Item, Request, Response, Row>,
): Promise<readonly LeaderOutcome<Item, Row>[]> {
  if (call.items.length === 0) return [];
  const settled = new Map<Item, Row | KafkaError>();
  await context.cluster.bootstrap(context.deadline);
  const grace = context.deadline.within(NEW_TOPIC_GRACE_MS);
  const failures = new Map<Item, KafkaError>();
  let pending = call.items;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const failed = await askOnce(context, call, pending, { isStale: attempt > 1, settled });
    for (const [item, error] of failed) {
      if (!mayPass(error, call.api.name, grace)) settled.set(item, error);
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

interface LeaderRequest<Item> {
  readonly nodeId: number;
  readonly limits: NegotiationLimits;
  readonly items: readonly Item[];
}

/** Asks everybody once; what was answered goes to `settled`, the rest is returned with what went wrong. */
async function askOnce<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: AdminContext,
  call: LeaderCall<Item, Request, Response, Row>,
  items: readonly Item[],
  { isStale, settled }: { readonly isStale: boolean; readonly settled: Map<Item, Row | KafkaError> },
): Promise<ReadonlyMap<Item, KafkaError>> {
  const { byLeader, unlocated } = await locateLeaders(context, items, { api: call.api.name, isStale });
  const failures = new Map(unlocated);
  const requests = [...byLeader].flatMap(([nodeId, ofLeader]) => byLimits(ofLeader, call).map((part) => ({ nodeId, ...part })));
  await Promise.all(
    requests.map(async (request) => {
      for (const [item, outcome] of await askLeader(context, call, request)) {
        if (outcome instanceof KafkaError) failures.set(item, outcome);
        else settled.set(item, outcome);
      }
    }),
  );
  return failures;
}

async function askLeader<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: AdminContext,
  call: LeaderCall<Item, Request, Response, Row>,
  { nodeId, limits, items }: LeaderRequest<Item>,
): Promise<readonly (readonly [Item, Row | KafkaError])[]> {
  let answer: ClusterAnswer<Response>;
  try {
    const body = (version: number): Draft<Request> => call.body(items, version, brokerTimeoutMs(context));
    // One attempt: the leader may be another one before the next.
    answer = await context.cluster.ask(
      call.api,
      body,
      { kind: "node", nodeId },
      { deadline: context.deadline, limits, retries: false },
    );
  } catch (error) {
    if (!isItemFailure(error, context.deadline)) throw error;
    return items.map((item) => [item, error]);
  }
  const rows = new Map(call.rows(answer.body).map((row) => [placeOf(row), row]));
  return items.map((item) => {
    const about = { ...aboutItem(call.api.name, item), broker: addressOf(answer) };
    const row = rows.get(placeOf(item));
    if (row === undefined) return [item, missingResult(about)];
    if (row.errorCode === 0) return [item, row];
    const note = call.noteOn?.(item, row.errorCode);
    return [item, new BrokerError(row.errorCode, about, null, note === undefined ? {} : { note })];
  });
}

function mayPass(error: KafkaError, api: string, grace: Deadline): boolean {
  return classOfError(error, api).remedy !== "fatal" && !(error.code === "UNKNOWN_TOPIC_OR_PARTITION" && grace.isOver);
}

function byLimits<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  items: readonly Item[],
  { limitsOf }: LeaderCall<Item, Request, Response, Row>,
): readonly { readonly limits: NegotiationLimits; readonly items: readonly Item[] }[] {
  const groups = new Map<string, { readonly limits: NegotiationLimits; readonly items: Item[] }>();
  for (const item of items) {
    const limits = limitsOf?.(item) ?? {};
    const key = `${limits.atLeast}/${limits.atMost}`;
    const group = groups.get(key) ?? { limits, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function aboutItem(api: string, { topic, partition }: PartitionItem): BrokerErrorContext {
  return { api, topic, partition };
}
