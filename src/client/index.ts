/** What the client part of `kafkawire` offers. */

export type { AclOperation } from "./admin/acl-operation.ts";
export { Admin } from "./admin/admin.ts";
export type { AlterConfigsOptions } from "./admin/alter-configs.ts";
export type { ConfigChanges } from "./admin/config-changes.ts";
export type { ConfigEntry, ConfigSource, ConfigSynonym, ConfigType } from "./admin/config-entry.ts";
export type { ConfigResource, ConfigResourceType } from "./admin/config-resource.ts";
export type { CreatePartitionsOptions, PartitionsWanted } from "./admin/create-partitions.ts";
export type { CreatedTopic, CreateTopicsOptions, NewTopic } from "./admin/create-topics.ts";
export type { DeletedRecords, DeleteRecordsOptions, RecordsToDelete } from "./admin/delete-records.ts";
export type { DeleteTopicsOptions } from "./admin/delete-topics.ts";
export type { BrokerApis, DescribeApiVersionsOptions, SupportedApi } from "./admin/describe-api-versions.ts";
export type { ClusterDescription, DescribeClusterOptions, DescribedBroker } from "./admin/describe-cluster.ts";
export type { ConfigQuery, DescribeConfigsOptions, DescribedConfigs } from "./admin/describe-configs.ts";
export type { DescribeTopicsOptions } from "./admin/describe-topics.ts";
export type {
  DescribeFeaturesOptions,
  FeatureLevels,
  FeaturesDescription,
  FeatureUpdateWanted,
  UpdateFeaturesOptions,
} from "./admin/features.ts";
export type { ItemResult } from "./admin/item-result.ts";
export type { ListedOffset, ListOffsetsOptions, OffsetPlace, OffsetQuery } from "./admin/list-offsets.ts";
export type { ListTopicsOptions } from "./admin/list-topics.ts";
export type { ReplicaAssignment } from "./admin/replica-assignment.ts";
export type { PartitionDescription, TopicDescription } from "./admin/topic-description.ts";
export type { TopicIdentity, TopicReference } from "./admin/topic-reference.ts";
export type { Clock, ScheduleOptions, Timer } from "./async/clock.ts";
export type { Deadline } from "./async/deadline.ts";
export type { CallOptions, CloseOptions } from "./client-core.ts";
export { nodeCodecs } from "./compression/node-codecs.ts";
export type { AdminOptions } from "./config/admin-config.ts";
export type {
  AssignorName,
  ConsumerOptions,
  CustomAssignor,
  OffsetCommitCallback,
  OffsetReset,
} from "./config/consumer-options.ts";
export type { Partitioner, PartitionerName, ProducerOptions } from "./config/producer-options.ts";
export {
  type AnyClientOptions,
  type ConfigFromProperties,
  configFromProperties,
  type IgnoredProperty,
} from "./config/properties/config-from-properties.ts";
export type { PropertiesInput } from "./config/properties/properties-text.ts";
export { Secret } from "./config/secret.ts";
export type { AcknowledgementCommitCallback, ShareConsumerOptions } from "./config/share-consumer-options.ts";
export { type MemoryEnd, type MemoryNetwork, memoryTransport } from "./connection/memory-transport.ts";
export {
  type SocketReader,
  type TlsSettings,
  type Transport,
  TransportError,
  type TransportSocket,
  type TransportTarget,
} from "./connection/transport.ts";
export type { RebalanceListener } from "./consumer/assignment/subscription.ts";
export { SubscriptionPattern } from "./consumer/assignment/subscription-pattern.ts";
export type { CommittedOffset } from "./consumer/commit/committed-offsets.ts";
export { Consumer, type PollOptions } from "./consumer/consumer.ts";
export type { ConsumerCloseOptions } from "./consumer/consumer-close-options.ts";
export type { OffsetForTime, TimeQuery } from "./consumer/positions/offset-queries.ts";
export type { ConsumerBatch } from "./consumer/reading/consumer-batch.ts";
export type { ConsumerRecords } from "./consumer/reading/consumer-records.ts";
export type { ConsumerRecord, ConsumerRecordJson } from "./consumer/records/consumer-record.ts";
export type { RunOptions } from "./consumer/running/run-options.ts";
export type { ThreadContext, ThreadedRunOptions, ThreadModule, ThreadReport } from "./consumer/threads/threaded-run-options.ts";
export type { TopicPartition, TopicPartitionOffset } from "./consumer/topic-partition.ts";
export * from "./errors.ts";
export type { GroupMember, TopicRacks } from "./group/assignors/assignor.ts";
export type { PartitionItem } from "./leaders/partition-item.ts";
export { type BatchFailure, SendBatchError } from "./producer/accumulator/recipient.ts";
export type { OnDelivery } from "./producer/delivery.ts";
export type { ProducerInterceptor } from "./producer/interceptors/producer-interceptor.ts";
export type { PartitionInfo } from "./producer/partition-info.ts";
export { Producer } from "./producer/producer.ts";
export type { HeaderValue, ProducerRecord, RecordHeader, RecordHeaders } from "./producer/producer-record.ts";
export type { RecordMetadata } from "./producer/record-metadata.ts";
export type { ConsumerGroupMetadata, OffsetToCommit, TransactionScope } from "./producer/transaction/transaction-scope.ts";
export { type ResolvedAddress, type Runtime, systemRuntime } from "./runtime.ts";
export { bytes } from "./serializers/bytes.ts";
export { json } from "./serializers/json.ts";
export { float64, int32, int64 } from "./serializers/numbers.ts";
export type { Deserializer, Serde, SerializedBytes, Serializer } from "./serializers/serializer.ts";
export { strings } from "./serializers/strings.ts";
export type { AcknowledgeType } from "./share-consumer/acknowledge-type.ts";
export type { AcknowledgementResult } from "./share-consumer/acknowledgement-result.ts";
export type { RecordPlace } from "./share-consumer/in-hand.ts";
export { ShareConsumer, type ShareConsumerCloseOptions } from "./share-consumer/share-consumer.ts";
export type { ShareRecord, ShareRecordJson } from "./share-consumer/share-record.ts";
export type { ShareRecords } from "./share-consumer/share-records.ts";
export { type ConsoleLoggerOptions, consoleLogger } from "./telemetry/console-logger.ts";
export {
  type DiagnosticsClient,
  type DiagnosticsMessages,
  type DiagnosticsName,
  diagnosticsChannels,
  onDiagnostics,
} from "./telemetry/diagnostics.ts";
export type { LogFacts, Logger, LogLevel } from "./telemetry/logger.ts";
export type { MetricsSnapshot } from "./telemetry/metrics/metrics-registry.ts";
export {
  type PrometheusLabels,
  type PrometheusOptions,
  type PrometheusSource,
  prometheusText,
} from "./telemetry/metrics/prometheus-text.ts";
export type { Rebalance, RebalanceBeginning, RebalancedPartition } from "./telemetry/telemetry.ts";
