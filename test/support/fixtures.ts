// Reads the fixtures: bytes that Apache Kafka's own classes made, with what they mean. From fixtures/, or from a folder that
// generateFixtures() filled. fixtures/README.md tells where they come from.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/**
 * A message in canonical JSON: every field that exists in the version, tagged ones also at their default; names in camelCase;
 * int64 = decimal string; bytes and records = base64; uuid = 22 characters of base64url; float64 = number or "NaN", "Infinity",
 * "-Infinity"; unknown tagged fields = `"_tags": [{ tag, data: base64 }]` in the struct that had them.
 */
export type CanonicalJson = null | boolean | number | string | readonly CanonicalJson[] | CanonicalObject;
export interface CanonicalObject {
  readonly [field: string]: CanonicalJson;
}

export type FixtureVariant =
  | "DEFAULTS"
  | "TYPICAL"
  | "EMPTY"
  | "MIN"
  | "MAX"
  | "NULLS"
  | "NULL_LEAVES"
  | "LONG"
  | "RANDOM1"
  | "RANDOM2"
  | "RANDOM3"
  | "UNKNOWN_TAGS";

export interface MessageFixture {
  readonly apiKey: number;
  /** `Fetch`. */
  readonly name: string;
  /** `FetchRequest`. */
  readonly message: string;
  readonly kind: "request" | "response";
  readonly version: number;
  readonly variant: FixtureVariant;
  readonly flexible: boolean;
  readonly clientFacing: boolean;
  readonly headerVersion: number;
  /** Bytes of the header; the body follows. */
  readonly bodyOffset: number;
  /** Header and body, without the frame's length. */
  readonly hex: string;
  readonly header: CanonicalObject;
  readonly json: CanonicalObject;
}

/** A message that travels inside another one's bytes field, or a header. */
export interface DataFixture {
  readonly message: string;
  readonly kind: "data" | "header";
  readonly version: number;
  readonly variant: FixtureVariant;
  readonly flexible: boolean;
  readonly hex: string;
  /** The same behind its int16 version, as it travels; only of kind `data`. */
  readonly versionPrefixedHex?: string;
  readonly json: CanonicalObject;
}

export interface RecordJson {
  readonly offset: string;
  readonly timestamp: string;
  /** Magic 2 only, as are headers. */
  readonly sequence?: number;
  readonly key: string | null;
  readonly value: string | null;
  /** Key as text, value in hex. */
  readonly headers?: readonly (readonly [string, string | null])[];
  readonly control?: {
    readonly keyVersion: number;
    readonly type: string;
    readonly typeId: number;
    readonly coordinatorEpoch?: number;
  };
}

/** A batch as Java reads it; in magic 0 and 1 one uncompressed record is a batch. What follows an error is missing. */
export interface BatchJson {
  readonly magic: number;
  readonly sizeInBytes: number;
  readonly baseOffset?: string;
  readonly lastOffset?: string;
  readonly nextOffset?: string;
  readonly compression?: string;
  readonly timestampType?: string;
  readonly maxTimestamp?: string;
  readonly crc?: number;
  /** From here on magic 2 only. */
  readonly baseTimestamp?: string;
  readonly partitionLeaderEpoch?: number;
  readonly producerId?: string;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly lastSequence?: number;
  readonly recordCount?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly deleteHorizonMs?: string;
  /** Whether Java's ensureValid(), which checks the CRC, passes; if not, `invalid` says why. */
  readonly valid?: boolean;
  readonly invalid?: string;
  readonly records?: readonly RecordJson[];
  /** Java's exception while it read this batch. */
  readonly error?: string;
}

export interface RecordsJson {
  readonly sizeInBytes: number;
  readonly batches: readonly BatchJson[];
  readonly consumedBytes: number;
  /** An incomplete batch at the end, which a consumer ignores. */
  readonly trailingBytes: number;
  /** Java's exception between batches. */
  readonly error?: string;
}

export interface BuiltRecordsFixture {
  readonly name: string;
  readonly note?: string;
  /** An encoder that is given the same must produce the same bytes; never so where codecs are involved. */
  readonly byteExact: boolean;
  readonly hex: string;
  readonly json: RecordsJson;
  /** Java threw somewhere while reading. */
  readonly hasError?: true;
  readonly builderError?: undefined;
}

/** An input that Java's own builder refuses. */
export interface RefusedRecordsFixture {
  readonly name: string;
  readonly note?: string;
  readonly builderError: string;
}

export type RecordsFixture = BuiltRecordsFixture | RefusedRecordsFixture;
export type InvalidRecordsFixture = BuiltRecordsFixture;

export type PrimitiveFixture =
  | { readonly type: "varint" | "varlong" | "uvarint"; readonly value: string; readonly hex: string }
  | DecodedVarintFixture
  | { readonly type: "uuid" | "float64"; readonly value: string; readonly hex: string }
  | KeyFixture
  | ScramFixture
  | { readonly type: "assignor-userdata"; readonly assignor: string; readonly value: string; readonly hex: string };

/** What Java makes of odd bytes: a value with the number of bytes it took, or an error. */
export interface DecodedVarintFixture {
  readonly type: "decode-varint" | "decode-varlong" | "decode-uvarint";
  readonly hex: string;
  readonly value?: string;
  readonly consumed?: number;
  readonly error?: string;
}

export interface KeyFixture {
  readonly type: "key";
  readonly hex: string;
  readonly murmur2: number;
  readonly crc32c: number;
  /** Number of partitions -> partition of the key. */
  readonly partition: Readonly<Record<string, number>>;
}

/** One SCRAM exchange; what is not a message is base64. */
export interface ScramFixture {
  readonly type: "scram";
  readonly mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly user: string;
  readonly password: string;
  readonly salt: string;
  readonly iterations: number;
  readonly clientFirst: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
  readonly saltedPassword: string;
  readonly clientKey: string;
  readonly storedKey: string;
  readonly serverKey: string;
  readonly clientProof: string;
  readonly serverSignature: string;
}

/** Where a partitioner of Java or librdkafka sends the keys of test/support/partition-keys.ts. */
export interface KeyPartitionsFixture {
  /** Our name of it. */
  readonly partitioner: "default" | "consistent" | "murmur2" | "fnv1a";
  readonly partitions: number;
  readonly keys: number;
  /** Base64: a byte for each key, in their order. */
  readonly of: string;
  /** librdkafka only: where a record without a key goes. */
  readonly ofNull?: number;
}

/** When Java's producer leaves the partition that records without keys stick to. */
export interface StickySwitchesFixture {
  readonly batchSize: number;
  /** 0 bytes: the batch was closed, or had left, before the next record. */
  readonly steps: readonly (readonly [bytes: number, isBatchFull: boolean, isSwitched: boolean])[];
}

/** What Java's serializer of a format makes of a value. */
export interface SerializerFixture {
  readonly format: "strings" | "int32" | "int64" | "float64";
  /** Numbers as Java prints them. */
  readonly value: string;
  readonly hex: string;
}

export interface ApiRow {
  readonly apiKey: number;
  readonly name: string;
  readonly hasValidVersion: boolean;
  /** Of a removed API nothing else is known. */
  readonly removed?: true;
  readonly request?: string;
  readonly response?: string;
  readonly schemaValidVersions?: string;
  readonly flexibleVersions?: string;
  readonly responseFlexibleVersions?: string;
  readonly clusterAction?: boolean;
  readonly forwardable?: boolean;
  readonly listeners?: readonly string[];
  readonly clientFacing?: boolean;
  readonly inKafkaClientApis?: boolean;
  readonly latestVersionUnstable?: boolean | null;
  readonly min?: number;
  readonly max?: number;
  /** The highest version that is not marked unstable. */
  readonly maxStable?: number;
  /** -1: never. */
  readonly firstFlexibleRequest?: number;
  readonly firstFlexibleResponse?: number;
  /** Version -> header version of the request, of the response. */
  readonly headerVersions?: Readonly<Record<string, readonly [number, number]>>;
  /** What a broker tells in its ApiVersions answer, such as `0-9`. */
  readonly advertised?: string;
}

export interface ErrorRow {
  readonly code: number;
  /** `NOT_LEADER_OR_FOLLOWER`. */
  readonly name: string;
  readonly message: string;
  readonly exception: string | null;
  readonly retriable: boolean;
  readonly invalidMetadata: boolean;
  readonly super: string | null;
}

/** The fixtures that the repository holds. */
export const FIXTURES_FOLDER: string = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** Requests and responses of the current Kafka. */
export function messageFixtures(folder: string = FIXTURES_FOLDER): readonly MessageFixture[] {
  return lines<MessageFixture>(folder, "messages");
}

/** Requests and responses in versions that Kafka 4.0 dropped, made by 3.9. */
export function oldMessageFixtures(folder: string = FIXTURES_FOLDER): readonly MessageFixture[] {
  return lines<MessageFixture>(folder, "messages-3.9");
}

export function dataFixtures(folder: string = FIXTURES_FOLDER): readonly DataFixture[] {
  return lines<DataFixture>(folder, "data");
}

export function recordsFixtures(folder: string = FIXTURES_FOLDER): readonly RecordsFixture[] {
  return lines<RecordsFixture>(folder, "records");
}

export function invalidRecordsFixtures(folder: string = FIXTURES_FOLDER): readonly InvalidRecordsFixture[] {
  return lines<InvalidRecordsFixture>(folder, "records-invalid");
}

export function primitiveFixtures(folder: string = FIXTURES_FOLDER): readonly PrimitiveFixture[] {
  return lines<PrimitiveFixture>(folder, "primitives");
}

export function keyPartitionsFixtures(by: "java" | "librdkafka"): readonly KeyPartitionsFixture[] {
  return lines<KeyPartitionsFixture>(FIXTURES_FOLDER, by === "java" ? "key-partitions" : "key-partitions-librdkafka");
}

export function stickySwitchesFixtures(): readonly StickySwitchesFixture[] {
  return lines<StickySwitchesFixture>(FIXTURES_FOLDER, "sticky-switches");
}

export function serializerFixtures(): readonly SerializerFixture[] {
  return lines<SerializerFixture>(FIXTURES_FOLDER, "serializers");
}

export function apiRows(folder: string = FIXTURES_FOLDER): readonly ApiRow[] {
  return JSON.parse(readFileSync(join(folder, "apis.json"), "utf8"));
}

export function errorRows(folder: string = FIXTURES_FOLDER): readonly ErrorRow[] {
  return JSON.parse(readFileSync(join(folder, "errors.json"), "utf8"));
}

/** NAME.jsonl as it was generated, or NAME.jsonl.gz as the repository holds it. */
function lines<T>(folder: string, name: string): readonly T[] {
  const plain = join(folder, `${name}.jsonl`);
  const text = existsSync(plain) ? readFileSync(plain, "utf8") : gunzipSync(readFileSync(`${plain}.gz`)).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): T => JSON.parse(line));
}
