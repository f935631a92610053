import { type CallOptions, ClientCore, type CloseOptions } from "../client-core.ts";
import { type AdminOptions, type ResolvedAdminConfig, resolveAdminConfig } from "../config/admin-config.ts";
import type { PartitionItem } from "../leaders/partition-item.ts";
import { type Runtime, systemRuntime } from "../runtime.ts";
import type { MetricsSnapshot } from "../telemetry/metrics/metrics-registry.ts";
import type { AdminContext } from "./admin-context.ts";
import { type AlterConfigsOptions, incrementalAlterConfigs } from "./alter-configs.ts";
import { type ConfigChanges, checkConfigChanges } from "./config-changes.ts";
import type { ConfigResource } from "./config-resource.ts";
import {
  type CreatePartitionsOptions,
  checkPartitionsWanted,
  createPartitions,
  type PartitionsWanted,
} from "./create-partitions.ts";
import { type CreatedTopic, type CreateTopicsOptions, checkNewTopics, createTopics, type NewTopic } from "./create-topics.ts";
import {
  checkRecordsToDelete,
  type DeletedRecords,
  type DeleteRecordsOptions,
  deleteRecords,
  type RecordsToDelete,
} from "./delete-records.ts";
import { checkTopicsToDelete, type DeleteTopicsOptions, deleteTopics } from "./delete-topics.ts";
import { type BrokerApis, checkNodeIds, type DescribeApiVersionsOptions, describeApiVersions } from "./describe-api-versions.ts";
import { type ClusterDescription, type DescribeClusterOptions, describeCluster } from "./describe-cluster.ts";
import {
  type ConfigQuery,
  checkConfigQueries,
  type DescribeConfigsOptions,
  type DescribedConfigs,
  describeConfigs,
} from "./describe-configs.ts";
import { checkTopicsToDescribe, type DescribeTopicsOptions, describeTopics } from "./describe-topics.ts";
import {
  checkFeatureUpdates,
  type DescribeFeaturesOptions,
  describeFeatures,
  type FeaturesDescription,
  type FeatureUpdateWanted,
  type UpdateFeaturesOptions,
  updateFeatures,
} from "./features.ts";
import { FreshTopics } from "./fresh-topics.ts";
import type { ItemResult } from "./item-result.ts";
import { type AdminCallName, checkOptions } from "./known-members.ts";
import { checkOffsetQueries, type ListedOffset, type ListOffsetsOptions, listOffsets, type OffsetQuery } from "./list-offsets.ts";
import { type ListTopicsOptions, listTopics } from "./list-topics.ts";
import type { TopicDescription } from "./topic-description.ts";
import type { TopicIdentity, TopicReference } from "./topic-reference.ts";

/**
 * Looks after a Kafka cluster: topics, settings, offsets, features.
 *
 * Every call takes `timeoutMs` and `signal`, is sent again after failures that may pass, and ends by its deadline. A call over several
 * items resolves to one result per item, in order, each with `error` if it failed; it rejects when it failed as a whole, or with the
 * error of its only item. Arguments are checked before anything is sent: an IllegalStateError lists all that is wrong with them.
 */
export class Admin {
  readonly #core: ClientCore;
  readonly #freshTopics: FreshTopics;

  /**
   * Connects to nobody yet: the first call does.
   *
   * @throws ConfigError with all problems of the options at once
   */
  constructor(options: AdminOptions, runtime: Runtime = systemRuntime) {
    const config: ResolvedAdminConfig = resolveAdminConfig(options);
    this.#core = new ClientCore("admin", config, runtime);
    this.#freshTopics = new FreshTopics(runtime.clock);
  }

  async createTopics(
    topics: readonly NewTopic[],
    options: CreateTopicsOptions = {},
  ): Promise<readonly ItemResult<{ readonly name: string }, CreatedTopic>[]> {
    checkNewTopics(topics);
    return this.#call("createTopics", options, (context) => createTopics(context, topics, options));
  }

  /** By name, or by id as `{ topicId }`. */
  async deleteTopics(
    topics: readonly TopicReference[],
    options: DeleteTopicsOptions = {},
  ): Promise<readonly ItemResult<TopicIdentity>[]> {
    checkTopicsToDelete(topics);
    return this.#call("deleteTopics", options, (context) => deleteTopics(context, topics, options));
  }

  /** The names of all topics that the client may see, sorted. */
  async listTopics(options: ListTopicsOptions = {}): Promise<string[]> {
    return this.#call("listTopics", options, (context) => listTopics(context, options));
  }

  /** By name, or by id as `{ topicId }`. */
  async describeTopics(
    topics: readonly TopicReference[],
    options: DescribeTopicsOptions = {},
  ): Promise<readonly ItemResult<TopicIdentity, TopicDescription>[]> {
    checkTopicsToDescribe(topics);
    return this.#call("describeTopics", options, (context) => describeTopics(context, topics, options));
  }

  /** `{ orders: 6 }`: the topic shall have six partitions in all. */
  async createPartitions(
    wanted: Readonly<Record<string, PartitionsWanted>>,
    options: CreatePartitionsOptions = {},
  ): Promise<readonly ItemResult<{ readonly name: string }>[]> {
    checkPartitionsWanted(wanted);
    return this.#call("createPartitions", options, (context) => createPartitions(context, wanted, options));
  }

  /** Gives up the beginning of partitions. */
  async deleteRecords(
    partitions: readonly RecordsToDelete[],
    options: DeleteRecordsOptions = {},
  ): Promise<readonly ItemResult<PartitionItem, DeletedRecords>[]> {
    checkRecordsToDelete(partitions);
    return this.#call("deleteRecords", options, (context) => deleteRecords(context, partitions));
  }

  /** Where partitions begin and end, and what offset belongs to a time. */
  async listOffsets(
    queries: readonly OffsetQuery[],
    options: ListOffsetsOptions = {},
  ): Promise<readonly ItemResult<PartitionItem, ListedOffset>[]> {
    checkOffsetQueries(queries, options);
    return this.#call("listOffsets", options, (context) => listOffsets(context, queries, options));
  }

  async describeConfigs(
    queries: readonly ConfigQuery[],
    options: DescribeConfigsOptions = {},
  ): Promise<readonly ItemResult<ConfigResource, DescribedConfigs>[]> {
    checkConfigQueries(queries);
    return this.#call("describeConfigs", options, (context) => describeConfigs(context, queries, options));
  }

  /** Changes single settings, and leaves the others as they are. */
  async incrementalAlterConfigs(
    changes: readonly ConfigChanges[],
    options: AlterConfigsOptions = {},
  ): Promise<readonly ItemResult<ConfigResource>[]> {
    checkConfigChanges(changes);
    return this.#call("incrementalAlterConfigs", options, (context) => incrementalAlterConfigs(context, changes, options));
  }

  async describeCluster(options: DescribeClusterOptions = {}): Promise<ClusterDescription> {
    return this.#call("describeCluster", options, (context) => describeCluster(context, options));
  }

  /** Which requests each broker understands, in which versions. */
  async describeApiVersions(
    options: DescribeApiVersionsOptions = {},
  ): Promise<readonly ItemResult<{ readonly nodeId: number; readonly host: string; readonly port: number }, BrokerApis>[]> {
    checkNodeIds(options.nodeIds);
    return this.#call("describeApiVersions", options, (context) => describeApiVersions(context, options));
  }

  async describeFeatures(options: DescribeFeaturesOptions = {}): Promise<FeaturesDescription> {
    return this.#call("describeFeatures", options, describeFeatures);
  }

  /** `{ "metadata.version": 25 }`: raises the feature to that level. */
  async updateFeatures(
    updates: Readonly<Record<string, FeatureUpdateWanted>>,
    options: UpdateFeaturesOptions = {},
  ): Promise<readonly ItemResult<{ readonly feature: string }>[]> {
    checkFeatureUpdates(updates);
    return this.#call("updateFeatures", options, (context) => updateFeatures(context, updates, options));
  }

  /** What the client has measured so far: by group and name, as in kafka-python and Java. */
  metrics(): MetricsSnapshot {
    return this.#core.telemetry.snapshot();
  }

  /** Ends everything within `timeoutMs`; may be called again. Calls that are still under way then reject with a ClosedError. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#core.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #call<T>(what: AdminCallName, options: CallOptions, work: (context: AdminContext) => Promise<T>): Promise<T> {
    checkOptions(what, options);
    const { config, runtime } = this.#core;
    const { requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = config;
    const freshTopics = this.#freshTopics;
    return this.#core.call(what, options, ({ cluster, deadline }) =>
      work({ cluster, deadline, requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs, random: runtime.random, freshTopics }),
    );
  }
}
