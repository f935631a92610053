/** Which options each call takes. The compiler tells TypeScript's users of a misspelled one; this tells all others. */

import type { CallOptions } from "../client-core.ts";
import { nearestName } from "../config/spelling.ts";
import type { AlterConfigsOptions } from "./alter-configs.ts";
import { ArgumentProblems } from "./arguments.ts";
import type { CreatePartitionsOptions } from "./create-partitions.ts";
import type { CreateTopicsOptions } from "./create-topics.ts";
import type { DeleteTopicsOptions } from "./delete-topics.ts";
import type { DescribeApiVersionsOptions } from "./describe-api-versions.ts";
import type { DescribeClusterOptions } from "./describe-cluster.ts";
import type { DescribeConfigsOptions } from "./describe-configs.ts";
import type { DescribeTopicsOptions } from "./describe-topics.ts";
import type { UpdateFeaturesOptions } from "./features.ts";
import type { ListOffsetsOptions } from "./list-offsets.ts";
import type { ListTopicsOptions } from "./list-topics.ts";

/** A call's own options, each of which has to be here: a record has no gaps. */
type Own<Options> = Readonly<Record<Exclude<keyof Options, keyof CallOptions>, true>>;

const COMMON = { timeoutMs: true, signal: true } satisfies Readonly<Record<keyof CallOptions, true>>;

interface OptionsOfCalls {
  readonly createTopics: CreateTopicsOptions;
  readonly deleteTopics: DeleteTopicsOptions;
  readonly listTopics: ListTopicsOptions;
  readonly describeTopics: DescribeTopicsOptions;
  readonly createPartitions: CreatePartitionsOptions;
  readonly deleteRecords: CallOptions;
  readonly listOffsets: ListOffsetsOptions;
  readonly describeConfigs: DescribeConfigsOptions;
  readonly incrementalAlterConfigs: AlterConfigsOptions;
  readonly describeCluster: DescribeClusterOptions;
  readonly describeApiVersions: DescribeApiVersionsOptions;
  readonly describeFeatures: CallOptions;
  readonly updateFeatures: UpdateFeaturesOptions;
}

export type AdminCallName = keyof OptionsOfCalls;

const OPTIONS: { readonly [Call in AdminCallName]: Own<OptionsOfCalls[Call]> } = {
  createTopics: { validateOnly: true, retryOnQuotaViolation: true },
  deleteTopics: { retryOnQuotaViolation: true },
  listTopics: { includeInternal: true },
  describeTopics: { includeAuthorizedOperations: true },
  createPartitions: { validateOnly: true, retryOnQuotaViolation: true },
  deleteRecords: {},
  listOffsets: { isolationLevel: true },
  describeConfigs: { includeSynonyms: true, includeDocumentation: true },
  incrementalAlterConfigs: { validateOnly: true, replaceOnOldBrokers: true },
  describeCluster: { includeAuthorizedOperations: true, includeFencedBrokers: true },
  describeApiVersions: { nodeIds: true },
  describeFeatures: {},
  updateFeatures: { validateOnly: true },
};

/** @throws IllegalStateError for options that the call does not have */
export function checkOptions(call: AdminCallName, options: CallOptions): void {
  const problems = new ArgumentProblems(call);
  requireKnown(problems, "the option", options, Object.keys({ ...COMMON, ...OPTIONS[call] }));
  problems.throwIfAny();
}

/** Notes each member of `value` that nobody knows: whoever wrote it meant something by it. */
export function requireKnown(problems: ArgumentProblems, what: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    problems.require(known.includes(name), () => {
      const meant = nearestName(name, known);
      return `${what} '${name}' does not exist${meant === undefined ? `; there are ${known.join(", ")}` : `; did you mean '${meant}'?`}`;
    });
  }
}
