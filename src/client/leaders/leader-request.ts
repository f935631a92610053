/** One request about many partitions to the broker that leads them, and what its answer says of each. */
import type { Api, Draft, KafkaError, NegotiationLimits } from "../../protocol/index.ts";
import type { ClusterAnswer } from "../cluster/cluster.ts";
import { BrokerError, type BrokerErrorContext } from "../errors.ts";
import { addressOf, isItemFailure, missingResult } from "./item-failure.ts";
import { brokerTimeoutMs, type LeaderContext } from "./leader-context.ts";
import { type PartitionItem, placeOf } from "./partition-item.ts";

export interface PartitionRow extends PartitionItem {
  readonly errorCode: number;
}

/** How something is asked of leaders. */
export interface LeaderQuestion<Item extends PartitionItem, Request, Response, Row extends PartitionRow> {
  readonly api: Api<Request, Response>;
  readonly body: (items: readonly Item[], version: number, timeoutMs: number) => Draft<Request>;
  readonly rows: (response: Response) => readonly Row[];
  /** What an item needs of the broker: items with different needs travel in requests of their own. */
  readonly limitsOf?: (item: Item) => NegotiationLimits;
  /** What we can say of an error in this place, beyond what its code means. */
  readonly noteOn?: (item: Item, errorCode: number) => string | undefined;
}

/** What the broker said of an item, or why it said nothing. */
export type LeaderAnswer<Item, Row> = readonly [item: Item, outcome: Row | KafkaError];

/**
 * Asks once, with as many requests as the items' different needs make.
 *
 * @throws only what ends the whole call: see `endsTheCall`
 */
export async function askLeader<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: LeaderContext,
  question: LeaderQuestion<Item, Request, Response, Row>,
  nodeId: number,
  items: readonly Item[],
): Promise<readonly LeaderAnswer<Item, Row>[]> {
  const parts = byLimits(items, question);
  const answers = await Promise.all(parts.map((part) => askPart(context, question, nodeId, part)));
  return answers.flat();
}

interface Part<Item> {
  readonly limits: NegotiationLimits;
  readonly items: Item[];
}

async function askPart<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  context: LeaderContext,
  question: LeaderQuestion<Item, Request, Response, Row>,
  nodeId: number,
  { limits, items }: Part<Item>,
): Promise<readonly LeaderAnswer<Item, Row>[]> {
  const { cluster, deadline } = context;
  const { api, noteOn } = question;
  let answer: ClusterAnswer<Response>;
  try {
    const body = (version: number): Draft<Request> => question.body(items, version, brokerTimeoutMs(context));
    // One attempt: the leader may be another one before the next.
    answer = await cluster.ask(api, body, { kind: "node", nodeId }, { deadline, limits, retries: false });
  } catch (error) {
    if (!isItemFailure(error, deadline)) throw error;
    return items.map((item) => [item, error]);
  }
  const rows = new Map(question.rows(answer.body).map((row) => [placeOf(row), row]));
  return items.map((item) => {
    const about = { ...aboutItem(api.name, item), broker: addressOf(answer) };
    const row = rows.get(placeOf(item));
    if (row === undefined) return [item, missingResult(about)];
    if (row.errorCode === 0) return [item, row];
    const note = noteOn?.(item, row.errorCode);
    return [item, new BrokerError(row.errorCode, about, null, note === undefined ? {} : { note })];
  });
}

function byLimits<Item extends PartitionItem, Request, Response, Row extends PartitionRow>(
  items: readonly Item[],
  { limitsOf }: LeaderQuestion<Item, Request, Response, Row>,
): readonly Part<Item>[] {
  const parts = new Map<string, Part<Item>>();
  for (const item of items) {
    const limits = limitsOf?.(item) ?? {};
    const key = `${limits.atLeast}/${limits.atMost}`;
    const part = parts.get(key) ?? { limits, items: [] };
    part.items.push(item);
    parts.set(key, part);
  }
  return [...parts.values()];
}

export function aboutItem(api: string, { topic, partition }: PartitionItem): BrokerErrorContext {
  return { api, topic, partition };
}
