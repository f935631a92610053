/**
 * Requests to the controller that are about many items, each of which succeeds or fails by itself: creating and deleting topics, adding
 * partitions. Over quota (KIP-599) an item is asked for again when the broker's throttle time is over.
 */
import { type Api, type Draft, errorByName, type KafkaError } from "../../protocol/index.ts";
import type { ClusterAnswer } from "../cluster/cluster.ts";
import { BrokerError, type BrokerErrorContext } from "../errors.ts";
import { addressOf, missingResult } from "../leaders/item-failure.ts";
import { brokerTimeoutMs } from "../leaders/leader-context.ts";
import { type AdminContext, itemError } from "./admin-context.ts";

const NOT_CONTROLLER = errorByName("NOT_CONTROLLER").code;
const THROTTLING_QUOTA_EXCEEDED = errorByName("THROTTLING_QUOTA_EXCEEDED").code;

/** One item's line of an answer. */
export interface AnswerRow {
  /** Which item it is about. */
  readonly key: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface ControllerCall<Item, Request, Response, Row extends AnswerRow> {
  readonly api: Api<Request, Response>;
  /** By the key that answers have. */
  readonly items: ReadonlyMap<string, Item>;
  readonly body: (items: readonly Item[], version: number, timeoutMs: number) => Draft<Request>;
  readonly rows: (response: Response) => readonly Row[];
  readonly describe: (key: string) => Omit<BrokerErrorContext, "api" | "broker">;
  /** Default true. */
  readonly retryOnQuotaViolation?: boolean | undefined;
  /** What an attempt whose answer was lost would make the next one answer. */
  readonly tracesOfLostAnswer: { readonly errorCodes: readonly number[]; readonly note: string };
}

export interface ControllerOutcome<Item, Row> {
  readonly item: Item;
  readonly outcome: Row | KafkaError;
}

/** What the controller said of each item, in their order. */
export async function askController<Item, Request, Response extends { readonly throttleTimeMs: number }, Row extends AnswerRow>(
  context: AdminContext,
  call: ControllerCall<Item, Request, Response, Row>,
): Promise<readonly ControllerOutcome<Item, Row>[]> {
  const results = new Map<string, Row | KafkaError>();
  const outcomes = (): readonly ControllerOutcome<Item, Row>[] =>
    Array.from(call.items, ([key, item]) => ({
      item,
      outcome: results.get(key) ?? missingResult({ api: call.api.name, ...call.describe(key) }),
    }));
  let left: readonly string[] = [...call.items.keys()];
  let wasLost = false;
  while (left.length > 0) {
    const asked = await askOnce(context, call, left).catch((error: unknown) => {
      // Whoever waited for the quota is told of the quota, not that the time is over.
      if (results.size > 0 && context.deadline.leftMs === 0 && !context.deadline.signal?.aborted) return undefined;
      throw error;
    });
    if (asked === undefined) return outcomes();
    wasLost ||= asked.wasLost;
    const overQuota = sortRows(call, left, asked.answer, wasLost, results);
    const waitMs = Math.max(asked.answer.body.throttleTimeMs, context.retryBackoffMs);
    if (overQuota.length === 0 || call.retryOnQuotaViolation === false || waitMs >= context.deadline.leftMs) return outcomes();
    await context.deadline.sleep(waitMs);
    left = overQuota;
  }
  return outcomes();
}

interface Asked<Response> {
  readonly answer: ClusterAnswer<Response>;
  /** Whether an attempt before this one was sent, or may have been, and never answered. */
  readonly wasLost: boolean;
}

async function askOnce<Item, Request, Response, Row extends AnswerRow>(
  context: AdminContext,
  call: ControllerCall<Item, Request, Response, Row>,
  keys: readonly string[],
): Promise<Asked<Response>> {
  const items = keys.flatMap((key) => call.items.get(key) ?? []);
  let attempts = 0;
  let answers = 0;
  const answer = await context.cluster.ask(
    call.api,
    (version) => {
      attempts++;
      return call.body(items, version, brokerTimeoutMs(context));
    },
    { kind: "controller" },
    {
      deadline: context.deadline,
      errorsIn: (response) => {
        answers++;
        return call.rows(response).some(({ errorCode }) => errorCode === NOT_CONTROLLER) ? [NOT_CONTROLLER] : [];
      },
    },
  );
  return { answer, wasLost: attempts > answers };
}

/** Files the rows of an answer under `results`; returns the items that are over their quota. */
function sortRows<Item, Request, Response, Row extends AnswerRow>(
  call: ControllerCall<Item, Request, Response, Row>,
  keys: readonly string[],
  answer: ClusterAnswer<Response>,
  wasLost: boolean,
  results: Map<string, Row | KafkaError>,
): readonly string[] {
  const rows = new Map(call.rows(answer.body).map((row) => [row.key, row]));
  for (const key of keys) {
    const about = { api: call.api.name, broker: addressOf(answer), ...call.describe(key) };
    const row = rows.get(key);
    results.set(key, row === undefined ? missingResult(about) : (refusalOf(row, about, call, wasLost) ?? row));
  }
  return keys.filter((key) => rows.get(key)?.errorCode === THROTTLING_QUOTA_EXCEEDED);
}

function refusalOf<Item, Request, Response, Row extends AnswerRow>(
  { errorCode, errorMessage }: Row,
  about: BrokerErrorContext,
  { tracesOfLostAnswer }: ControllerCall<Item, Request, Response, Row>,
  wasLost: boolean,
): BrokerError | undefined {
  if (!wasLost || !tracesOfLostAnswer.errorCodes.includes(errorCode)) return itemError(errorCode, errorMessage, about);
  return new BrokerError(errorCode, about, errorMessage, { note: tracesOfLostAnswer.note });
}
