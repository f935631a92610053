import { KafkaError } from "./kafka-error.ts";

/** Where in a message the bytes stopped making sense. Every part is optional because a record batch has no API. */
export interface MalformedPlace {
  /** Kafka's name of the API, e.g. `Fetch`. */
  readonly api?: string;
  readonly version?: number;
  /** `request`, `response`, or what else was being read. */
  readonly kind?: string;
  /** Path of the field, e.g. `responses[0].partitions[2].records`. */
  readonly path?: string;
  /** Position of the field in the bytes that were passed in. */
  readonly offset?: number;
  readonly cause?: unknown;
}

/**
 * Bytes that are not what Kafka's format says they are: truncated, with bytes left over, with a length that cannot be, or
 * with a number that we cannot represent. Never retriable: the same bytes will not become better.
 */
export class MalformedMessageError extends KafkaError {
  override readonly code = "MALFORMED_MESSAGE";
  override readonly retriable = false;
  /** What is wrong, without the place. */
  readonly problem: string;
  readonly api: string | undefined;
  readonly version: number | undefined;
  readonly kind: string | undefined;
  readonly path: string | undefined;
  readonly offset: number | undefined;

  constructor(problem: string, place: MalformedPlace = {}) {
    super(messageFor(problem, place), place.cause === undefined ? undefined : { cause: place.cause });
    this.problem = problem;
    this.api = place.api;
    this.version = place.version;
    this.kind = place.kind;
    this.path = place.path;
    this.offset = place.offset;
  }

  /** The same problem, told with more of its place: inner code knows the offset, outer code knows the API. */
  at(place: MalformedPlace): MalformedMessageError {
    const { api, version, kind, path, offset, cause } = this;
    const known: Record<string, unknown> = { api, version, kind, path, offset, cause };
    const merged: Record<string, unknown> = { ...place };
    for (const [key, value] of Object.entries(known)) if (value !== undefined) merged[key] = value;
    return new MalformedMessageError(this.problem, merged);
  }
}

function messageFor(problem: string, { api, version, kind, path, offset }: MalformedPlace): string {
  const message = [api, version === undefined ? undefined : `v${version}`, kind].filter((part) => part !== undefined).join(" ");
  const field = path === undefined ? "" : `field ${path}`;
  const byte = offset === undefined ? "" : `byte ${offset}`;
  const place = [message, field, byte].filter((part) => part !== "").join(", ");
  return place === "" ? problem : `${place}: ${problem}`;
}
