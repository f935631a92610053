/**
 * `kafkawire/protocol`: Kafka's wire format. Bytes to values and back, for every API at every version; record batches; what each
 * byte means. Pure: no sockets, no timers, no Node modules.
 */

export { type AnnotateOptions, annotate } from "./annotate/annotate.ts";
export { type Annotation, leavesOf, type Unfolded } from "./annotate/annotation.ts";
export { type AnyApi, type Api, NEVER_FLEXIBLE, type VersionRange } from "./api/api.ts";
export { type ApiName, type ApiRegistry, apiByKey, apis, type RequestOf, type ResponseOf } from "./api/apis.ts";
export * from "./api/registry.ts";
export { type AdvertisedVersions, type NegotiationLimits, negotiateVersion } from "./api/version-negotiation.ts";
export { type ControlRecordValue, decodeControlRecordValue } from "./data/control-record-value.ts";
export { decodePrincipal, encodePrincipal, type Principal } from "./data/principal.ts";
export { type ErrorCode, type ErrorName, errorByName, errorCode, errorCodes } from "./error-codes.ts";
export { nextCorrelationId } from "./frame/correlation-id.ts";
export type { ApiReference } from "./frame/frame.ts";
export { DEFAULT_MAX_FRAME_BYTES, FrameSplitter } from "./frame/frame-splitter.ts";
export type { RequestHeader, ResponseHeader } from "./frame/headers.ts";
export {
  type DecodedRequest,
  type DecodeRequestOptions,
  decodeRequest,
  decodeRequestHeader,
  encodeRequest,
  encodeRequestChunks,
  encodeRequestWithHeader,
  type RequestHead,
} from "./frame/request.ts";
export {
  type DecodedResponse,
  decodeResponse,
  encodeResponse,
  encodeResponseChunks,
  encodeResponseWithHeader,
  type ResponseHead,
} from "./frame/response.ts";
export { type Assignment, decodeAssignment, encodeAssignment, LATEST_ASSIGNMENT_VERSION } from "./group/assignment.ts";
export {
  decodeCooperativeStickyUserData,
  decodeStickyUserData,
  encodeCooperativeStickyUserData,
  encodeStickyUserData,
  type StickyUserData,
} from "./group/sticky-user-data.ts";
export { decodeSubscription, encodeSubscription, LATEST_SUBSCRIPTION_VERSION, type Subscription } from "./group/subscription.ts";
export { InvalidValueError } from "./invalid-value-error.ts";
export { type DeliveryVerdict, KafkaError, type TransactionSeverity } from "./kafka-error.ts";
export { MalformedMessageError } from "./malformed-message-error.ts";
export type { CompressionName, Magic, TimestampType } from "./records/batch-attributes.ts";
export type { BatchFields } from "./records/batch-header.ts";
export { type BatchRewrite, rewriteBatchHeader } from "./records/batch-header.ts";
export type { BatchRecord } from "./records/batch-record.ts";
export { BatchScan } from "./records/batch-scan.ts";
export { ByteViews } from "./records/byte-views.ts";
export {
  type Codec,
  type CodecName,
  type Codecs,
  type DecompressOptions,
  MissingCodecError,
  OutputLimitError,
  type OutputRoom,
} from "./records/compression/codec.ts";
export { portableCodecs } from "./records/compression/portable-codecs.ts";
export { type ControlRecord, encodeEndTransactionMarker, parseControlRecord } from "./records/control-record.ts";
export { CorruptBatchError } from "./records/corrupt-batch-error.ts";
export { crc32 } from "./records/crc32.ts";
export { crc32c } from "./records/crc32c.ts";
export { InvalidRecordError } from "./records/invalid-record-error.ts";
export { encodeMessageSet, type MessageSetInput } from "./records/message-set-encoder.ts";
export { murmur2, partitionForKey } from "./records/murmur2.ts";
export { readBatches } from "./records/read-batches.ts";
export { type DecodeBatchOptions, RecordBatch } from "./records/record-batch.ts";
export {
  finishBatch,
  type PackedBatch,
  type PackOptions,
  RecordBatchBuilder,
  type RecordBatchBuilderOptions,
} from "./records/record-batch-builder.ts";
export type { RecordBatchInput } from "./records/record-batch-encoder.ts";
export type { RecordCursor } from "./records/record-cursor.ts";
export { type RecordHeader, readRecordHeaders } from "./records/record-headers.ts";
export { type HeaderInput, type RecordBytes, type RecordInput, sizeOfRecord } from "./records/record-input.ts";
export {
  advertisedVersions,
  decodableVersions,
  type FeatureRange,
  finalizedFeatures,
  isSince,
  type KafkaRelease,
  LATEST_RELEASE,
  offeredVersions,
  releases,
  supportedFeatures,
  usesZooKeeper,
} from "./releases/releases.ts";
export { OAuthBearerClientExchange, OAuthBearerServerExchange } from "./sasl/oauthbearer.ts";
export { PlainClientExchange, PlainServerExchange } from "./sasl/plain.ts";
export { SaltedPasswordCache } from "./sasl/salted-password-cache.ts";
export { SaslError } from "./sasl/sasl-error.ts";
export type {
  SaslClientExchange,
  SaslClientStep,
  SaslIdentity,
  SaslServerExchange,
  SaslServerStep,
} from "./sasl/sasl-mechanism.ts";
export { ScramClientExchange, type ScramClientOptions } from "./sasl/scram-client.ts";
export { type ScramCredential, scramCredentialFromPassword } from "./sasl/scram-credentials.ts";
export type { ScramCrypto } from "./sasl/scram-crypto.ts";
export { ScramServerExchange, type ScramServerOptions } from "./sasl/scram-server.ts";
export { UnsupportedVersionError } from "./unsupported-version-error.ts";
export { type UnknownTag, unknownTagsOf, withUnknownTags } from "./wire/unknown-tags.ts";
export { ZERO_UUID } from "./wire/uuid.ts";
export type { Draft, Layout, Wire } from "./wire/wire.ts";
