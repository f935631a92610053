/**
 * ApiVersions (key 18): which versions of which APIs this broker or controller speaks, and which features the cluster has. The
 * first request on every connection, before authentication; all other versions are chosen by its answer.
 *
 * A client has to guess a version here. A broker that lacks it answers UNSUPPORTED_VERSION in the layout of v0, from Kafka 2.4
 * on with its own range of ApiVersions, so that the next guess is right (KIP-511). The header of the answer is always header 0,
 * even in flexible versions: its length must not depend on what is being negotiated.
 *
 * v0  the oldest version (KIP-35)
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  flexible; name and version of the client software (KIP-511), features (KIP-584)
 * v4  as v3; supported features may begin at level 0: before, those that do are left out
 * v5  the cluster and node that the client means to talk to, which detects misrouted connections (KIP-1242)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `finalizedFeaturesEpoch` of a broker that does not know the cluster's features (yet). */
export const UNKNOWN_FEATURES_EPOCH = -1n;

export interface ApiVersionsRequest {
  /**
   * The name of the client library, for the broker's metrics. Letters, digits, `-` and `.` with a letter or digit at both ends,
   * not empty; anything else is answered with INVALID_REQUEST.
   */
  readonly clientSoftwareName: string;
  /** Its version, by the same rule. */
  readonly clientSoftwareVersion: string;
  /** The cluster that the client believes to be talking to, null when it does not know (the bootstrap connection). */
  readonly clusterId: string | null;
  /** The node that the client believes to be talking to, -1 when it does not know. Send both or neither. */
  readonly nodeId: number;
}

export interface ApiVersionsResponse {
  /** UNSUPPORTED_VERSION: guess again. REBOOTSTRAP_REQUIRED: not the node that was meant, start from the bootstrap servers. */
  readonly errorCode: number;
  /** What this listener offers. With UNSUPPORTED_VERSION only ApiVersions itself, or nothing before Kafka 2.4. */
  readonly apiKeys: readonly ApiVersionsRange[];
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** What this one broker could do. */
  readonly supportedFeatures: readonly ApiVersionsSupportedFeature[];
  /** Grows with each change of `finalizedFeatures`; -1: unknown, and they are meaningless. Of two answers the larger is newer. */
  readonly finalizedFeaturesEpoch: bigint;
  /** What the whole cluster has agreed upon, e.g. `transaction.version`. A feature that is not listed is at level 0. */
  readonly finalizedFeatures: readonly ApiVersionsFinalizedFeature[];
  /** Set by controllers that are ready to take over from ZooKeeper (KIP-866); never since Kafka 4. */
  readonly zkMigrationReady: boolean;
}

export interface ApiVersionsRange {
  /** The number of an API, perhaps of one that we do not know. */
  readonly apiKey: number;
  /** The oldest version that is accepted. */
  readonly minVersion: number;
  /** The newest version that is accepted. */
  readonly maxVersion: number;
}

export interface ApiVersionsSupportedFeature {
  readonly name: string;
  /** The lowest level that this broker can run at. */
  readonly minVersion: number;
  /** The highest level that this broker can run at. */
  readonly maxVersion: number;
}

export interface ApiVersionsFinalizedFeature {
  readonly name: string;
  /** The level in force. */
  readonly maxVersionLevel: number;
  /** Kept for older clients: brokers put the level in force here, too. */
  readonly minVersionLevel: number;
}

const request: Layout<ApiVersionsRequest> = struct((wire, it) => ({
  clientSoftwareName: wire.since(3).ignorable.string(it.clientSoftwareName),
  clientSoftwareVersion: wire.since(3).ignorable.string(it.clientSoftwareVersion),
  clusterId: wire.since(5).ignorable.nullableString(it.clusterId),
  nodeId: wire.since(5).ignorable.int32(it.nodeId, -1),
}));

const response: Layout<ApiVersionsResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  apiKeys: wire.array(it.apiKeys, range),
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  supportedFeatures: wire.since(3).ignorable.tag(0).array(it.supportedFeatures, supportedFeature),
  finalizedFeaturesEpoch: wire.since(3).ignorable.tag(1).int64(it.finalizedFeaturesEpoch, UNKNOWN_FEATURES_EPOCH),
  finalizedFeatures: wire.since(3).ignorable.tag(2).array(it.finalizedFeatures, finalizedFeature),
  zkMigrationReady: wire.since(3).ignorable.tag(3).boolean(it.zkMigrationReady),
}));

const range: Layout<ApiVersionsRange> = struct((wire, it) => ({
  apiKey: wire.int16(it.apiKey),
  minVersion: wire.int16(it.minVersion),
  maxVersion: wire.int16(it.maxVersion),
}));

const supportedFeature: Layout<ApiVersionsSupportedFeature> = struct((wire, it) => ({
  name: wire.string(it.name),
  minVersion: wire.int16(it.minVersion),
  maxVersion: wire.int16(it.maxVersion),
}));

const finalizedFeature: Layout<ApiVersionsFinalizedFeature> = struct((wire, it) => ({
  name: wire.string(it.name),
  maxVersionLevel: wire.int16(it.maxVersionLevel),
  minVersionLevel: wire.int16(it.minVersionLevel),
}));

export const ApiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = defineApi({
  name: "ApiVersions",
  key: 18,
  versions: [0, 5],
  flexibleSince: 3,
  request,
  response,
});
