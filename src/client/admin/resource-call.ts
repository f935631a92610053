/** Requests about resources, those of one broker sent to that broker and the rest together to whoever may answer, side by side. */
import type { Api, Draft, KafkaError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { ClusterAnswer, Target } from "../cluster/cluster.ts";
import { addressOf, isItemFailure, missingResult } from "../leaders/item-failure.ts";
import { type AdminContext, itemError } from "./admin-context.ts";
import { type ConfigResource, describeResource, keyOfResource, nodeOf, resourceKey } from "./config-resource.ts";

/** One resource's part of an answer. */
export interface ResourceRow {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface ResourceCall<Item extends ConfigResource, Request, Response, Row extends ResourceRow> {
  readonly api: Api<Request, Response>;
  readonly items: readonly Item[];
  /** Who is asked about what is no single broker's. */
  readonly target: Target;
  readonly body: (items: readonly Item[], version: number) => Draft<Request>;
  readonly rows: (response: Response) => readonly Row[];
  /** Codes that concern the request as a whole. */
  readonly errorsIn?: (rows: readonly Row[]) => readonly number[];
}

export interface ResourceAnswer<Row> {
  readonly row: Row;
  /** Of the request: some fields mean something in some versions only. */
  readonly version: number;
}

export interface ResourceOutcome<Item, Row> {
  readonly item: Item;
  readonly outcome: ResourceAnswer<Row> | KafkaError;
}

/** What was said of each item, in their order. */
export async function askAboutResources<Item extends ConfigResource, Request, Response, Row extends ResourceRow>(
  context: AdminContext,
  call: ResourceCall<Item, Request, Response, Row>,
): Promise<readonly ResourceOutcome<Item, Row>[]> {
  const byNode = new Map<number | undefined, Item[]>();
  for (const item of call.items) byNode.set(nodeOf(item), [...(byNode.get(nodeOf(item)) ?? []), item]);
  const answered = await Promise.all(
    Array.from(byNode, ([nodeId, items]) =>
      askOne(context, call, nodeId === undefined ? call.target : { kind: "node", nodeId }, items),
    ),
  );
  const outcomes = new Map(answered.flat().map((one) => [one.item, one]));
  return call.items.map(
    (item) => outcomes.get(item) ?? { item, outcome: missingResult({ api: call.api.name, ...describeResource(item) }) },
  );
}

/**
 * How long to wait for a broker that the cluster does not know: it may be starting, or its id a mistake. (Java's client goes on until
 * the call's deadline, a minute.)
 */
const UNKNOWN_BROKER_PATIENCE_MS = 5000;

async function patienceWith(target: Target, { cluster, deadline }: AdminContext): Promise<Deadline> {
  if (target.kind !== "node") return deadline;
  await cluster.bootstrap(deadline);
  const isKnown = cluster.metadata.brokers.has(target.nodeId) || (await cluster.refresh(deadline, [])).brokers.has(target.nodeId);
  return isKnown ? deadline : deadline.within(UNKNOWN_BROKER_PATIENCE_MS);
}

async function askOne<Item extends ConfigResource, Request, Response, Row extends ResourceRow>(
  context: AdminContext,
  call: ResourceCall<Item, Request, Response, Row>,
  target: Target,
  items: readonly Item[],
): Promise<readonly ResourceOutcome<Item, Row>[]> {
  const { cluster } = context;
  let answer: ClusterAnswer<Response>;
  try {
    const deadline = await patienceWith(target, context);
    const errorsIn = (response: Response): readonly number[] => call.errorsIn?.(call.rows(response)) ?? [];
    answer = await cluster.ask(call.api, (version) => call.body(items, version), target, { deadline, errorsIn });
  } catch (error) {
    if (!isItemFailure(error, context.deadline)) throw error;
    return items.map((item) => ({ item, outcome: error }));
  }
  const rows = new Map(call.rows(answer.body).map((row) => [resourceKey(row.resourceType, row.resourceName), row]));
  return items.map((item) => {
    const row = rows.get(keyOfResource(item));
    const about = { api: call.api.name, broker: addressOf(answer), ...describeResource(item) };
    if (row === undefined) return { item, outcome: missingResult(about) };
    return { item, outcome: itemError(row.errorCode, row.errorMessage, about) ?? { row, version: answer.version } };
  });
}
