import type { Layout } from "../wire/wire.ts";

/** First and last version, both included. */
export type VersionRange = readonly [first: number, last: number];

/** The `flexibleSince` of an API that never became flexible (no compact lengths, no tagged fields). */
export const NEVER_FLEXIBLE: number = Number.POSITIVE_INFINITY;

/** One of Kafka's request and response pairs, at all its versions. */
export interface Api<Request, Response> {
  /** Kafka's name, e.g. `Fetch`. */
  readonly name: string;
  /** The number that stands for it on the wire. */
  readonly key: number;
  /** The versions that we encode and decode. */
  readonly versions: VersionRange;
  /** First version with compact lengths and tagged fields (KIP-482), or `NEVER_FLEXIBLE`. */
  readonly flexibleSince: number;
  /** The versions that a client may choose: without unstable ones and those meant for other brokers. */
  readonly clientVersions: VersionRange;
  readonly request: Layout<Request>;
  readonly response: Layout<Response>;
}

export type AnyApi = Api<unknown, unknown>;

/** What a file in this folder says of its API; the range for clients is only spelled out where it differs. */
export interface ApiDefinition<Request, Response> {
  readonly name: string;
  readonly key: number;
  readonly versions: VersionRange;
  readonly flexibleSince: number;
  readonly clientVersions?: VersionRange;
  readonly request: Layout<Request>;
  readonly response: Layout<Response>;
}

export function defineApi<Request, Response>(definition: ApiDefinition<Request, Response>): Api<Request, Response> {
  return Object.freeze({ clientVersions: definition.versions, ...definition });
}

/** Compact lengths and tagged fields? */
export function isFlexible(api: AnyApi, version: number): boolean {
  return version >= api.flexibleSince;
}

/** Header 2 adds tagged fields to header 1; header 0, without a client id, died with ZooKeeper's brokers. */
export function requestHeaderVersion(api: AnyApi, version: number): 1 | 2 {
  return isFlexible(api, version) ? 2 : 1;
}

const API_VERSIONS_KEY = 18;

/** ApiVersions answers with header 0 always: a client that asks for a version the broker lacks must still be able to read it. */
export function responseHeaderVersion(api: AnyApi, version: number): 0 | 1 {
  return isFlexible(api, version) && api.key !== API_VERSIONS_KEY ? 1 : 0;
}
