import { CreatePartitions, type CreatePartitionsTopic, errorByName, KafkaError } from "../../protocol/index.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, MOST_INT32, quoted } from "./arguments.ts";
import { askController } from "./controller-call.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import { checkReplicas } from "./replica-assignment.ts";

/** How many partitions a topic shall have in all, the old ones included; or that, and where the added ones shall live. */
export type PartitionsWanted =
  | number
  | {
      readonly total: number;
      /** The brokers of each partition that is added, the lowest first: `[[1, 2], [2, 3]]` for two of them. */
      readonly newAssignments?: readonly (readonly number[])[];
    };

export interface CreatePartitionsOptions extends CallOptions {
  /** Only checks everything, and adds nothing. */
  readonly validateOnly?: boolean;
  /** Whether to wait and ask again when a quota is exceeded (KIP-599). Default true. */
  readonly retryOnQuotaViolation?: boolean;
}

/**
 * Partitions cannot be taken away again, and adding some changes which partition a key is sent to. After a lost answer the request is
 * sent again, as Java's client does: that the topic has the partitions already, an INVALID_PARTITIONS, may then be our own doing.
 */
export async function createPartitions(
  context: AdminContext,
  wanted: Readonly<Record<string, PartitionsWanted>>,
  options: CreatePartitionsOptions = {},
): Promise<readonly ItemResult<{ readonly name: string }>[]> {
  const outcomes = await askController(context, {
    api: CreatePartitions,
    items: new Map(Object.entries(wanted).map(([name, topic]) => [name, topicFrom(name, topic)])),
    body: (topics, _version, timeoutMs) => ({ topics, timeoutMs, validateOnly: options.validateOnly ?? false }),
    rows: (response) => response.results.map((row) => ({ ...row, key: row.name })),
    describe: (topic) => ({ topic }),
    retryOnQuotaViolation: options.retryOnQuotaViolation,
    tracesOfLostAnswer: {
      errorCodes: [errorByName("INVALID_PARTITIONS").code],
      note: "an earlier attempt of this call got no answer and may have added them",
    },
  });
  return settledItems(
    outcomes.map(({ item: { name }, outcome }) => (outcome instanceof KafkaError ? { name, error: outcome } : { name })),
  );
}

export function checkPartitionsWanted(wanted: Readonly<Record<string, PartitionsWanted>>): void {
  const problems = new ArgumentProblems("createPartitions");
  problems.requireNames("topic", Object.keys(wanted));
  for (const [name, topic] of Object.entries(wanted)) {
    const where = `topic ${quoted(name)}`;
    const { total, newAssignments } = typeof topic === "object" ? topic : { total: topic };
    problems.requireInteger(`${where}: the number of partitions`, total, 1, MOST_INT32);
    if (newAssignments === undefined) continue;
    const isList = Array.isArray(newAssignments) && newAssignments.length > 0;
    if (!problems.require(isList, () => `${where}: newAssignments must list the brokers of each added partition`)) continue;
    for (const [index, brokerIds] of newAssignments.entries())
      checkReplicas(problems, `${where}: newAssignments[${index}]`, brokerIds);
  }
  problems.throwIfAny();
}

function topicFrom(name: string, wanted: PartitionsWanted): CreatePartitionsTopic {
  const { total, newAssignments } = typeof wanted === "object" ? wanted : { total: wanted };
  return { name, count: total, assignments: newAssignments?.map((brokerIds) => ({ brokerIds })) ?? null };
}
