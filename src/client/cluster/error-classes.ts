/**
 * What to do about an error: a broker's code, by the tables of `error-table.ts`, or one of the client's own errors. Everything that sends a
 * request again, or does not, asks here.
 */
import { type ErrorName, errorCode, KafkaError, MalformedMessageError, UnsupportedVersionError } from "../../protocol/index.ts";
import {
  AuthenticationError,
  BootstrapError,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  IllegalStateError,
  type Outcome,
  RequestTimeoutError,
} from "../errors.ts";
import { codes, codesOfApis, type ErrorClass, type Remedy } from "./error-table.ts";

const classes: ReadonlyMap<ErrorName, ErrorClass> = new Map(codes.flatMap((row) => row.names.map((name) => [name, row])));
const classesByApi: ReadonlyMap<string, ErrorClass> = new Map(
  codesOfApis.flatMap((one) => one.apis.flatMap((api) => one.names.map((name): [string, ErrorClass] => [`${api} ${name}`, one]))),
);

/** A code that nobody knows is like UNKNOWN_SERVER_ERROR, as in Java. */
const unknownError: ErrorClass = {
  remedy: "fatal",
  applied: "possibly",
  why: "a code that this client does not know: nothing is known of what it means",
};

/** What a broker's code asks for, in the answer to that API. */
export function classOfCode(code: number, api: string): ErrorClass {
  const { name } = errorCode(code);
  return classesByApi.get(`${api} ${name}`) ?? classes.get(name) ?? unknownError;
}

/** Whether a code has a row of its own. */
export function hasRow(name: ErrorName): boolean {
  return classes.has(name);
}

/** The client's own errors: the first row that an error is an instance of holds. */
const clientErrors: readonly (readonly [type: (error: unknown) => boolean, remedy: Remedy, why: string])[] = [
  [(error) => error instanceof AuthenticationError, "fatal", "credentials and certificates do not mend themselves (C27, C30)"],
  [(error) => error instanceof UnsupportedVersionError, "fatal", "broker and client have no version in common for what is asked"],
  [(error) => error instanceof MalformedMessageError, "fatal", "the answer cannot be read; the next would be as wrong (C19)"],
  [(error) => error instanceof ConfigError, "fatal", "the options have to change"],
  [(error) => error instanceof IllegalStateError, "fatal", "the call is wrong, not the cluster"],
  [(error) => error instanceof ClosedError, "fatal", "there is no client any more"],
  [
    (error) => error instanceof ConnectionError && error.retriable,
    "refresh metadata",
    "the broker may be gone, and what it led or coordinated be elsewhere (C1, C5 to C8)",
  ],
  [(error) => error instanceof ConnectionError, "fatal", "the connection itself says that another one cannot succeed"],
  [
    (error) => error instanceof RequestTimeoutError,
    "refresh metadata",
    "a broker that does not answer may have lost its part of the cluster without knowing (C8, C15)",
  ],
  [(error) => error instanceof BootstrapError && error.retriable, "retry", "no server is there at the moment"],
  [(error) => error instanceof BootstrapError, "fatal", "every server refuses who we are"],
];

/** What an error that was thrown asks for; anything that is none of ours is fatal: it is a bug or an abort. */
export function classOfError(error: unknown, api: string): ErrorClass {
  if (rebootstrapDemand(error) !== undefined) return classOfCode(REBOOTSTRAP_REQUIRED, api);
  if (error instanceof BrokerError) return classOfCode(error.errorCode, api);
  const row = clientErrors.find(([isOne]) => isOne(error));
  const applied = outcomeOf(error) === "unknown" ? "possibly" : "no";
  if (row === undefined)
    return { remedy: "fatal", applied, why: error instanceof KafkaError ? "no rule says otherwise" : "not an error of Kafka's" };
  return { remedy: row[1], applied, why: row[2] };
}

/** What the connection knows of a request that failed. */
function outcomeOf(error: unknown): Outcome {
  return error instanceof ConnectionError || error instanceof RequestTimeoutError || error instanceof ClosedError
    ? error.outcome
    : "not sent";
}

const REBOOTSTRAP_REQUIRED = 129;
/** A chain of causes that is longer is a circle. */
const LONGEST_CHAIN = 16;

/** The broker's demand to begin again, perhaps wrapped into the failure of a connection whose ApiVersions request it answered. */
export function rebootstrapDemand(error: unknown): BrokerError | undefined {
  let one = error;
  for (let depth = 0; depth < LONGEST_CHAIN && one instanceof Error; depth++, one = one.cause) {
    if (one instanceof BrokerError && one.errorCode === REBOOTSTRAP_REQUIRED) return one;
  }
  return undefined;
}

/** From the mildest to the most drastic: of several errors in one answer the last one's remedy helps against all. */
const byForce: readonly Remedy[] = ["fatal", "retry", "find coordinator", "find controller", "refresh metadata", "rebootstrap"];

/** The class of the code that asks for the most; undefined when none makes sense to retry. */
export function strongestRetriable(
  codes: readonly number[],
  api: string,
): { readonly code: number; readonly class: ErrorClass } | undefined {
  let strongest: { readonly code: number; readonly class: ErrorClass } | undefined;
  for (const code of codes) {
    const found = classOfCode(code, api);
    if (found.remedy === "fatal") continue;
    if (strongest === undefined || byForce.indexOf(found.remedy) > byForce.indexOf(strongest.class.remedy))
      strongest = { code, class: found };
  }
  return strongest;
}
