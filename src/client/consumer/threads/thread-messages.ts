/** What the two sides of a thread say to each other. */
import type { ConsumerOptions } from "../../config/consumer-options.ts";
import type { ConsumerCloseOptions } from "../consumer-close-options.ts";
import type { ThreadReport } from "./threaded-run-options.ts";

/** What is to be read, as far as it can be told to another thread. */
export type ToldSubscription =
  | { readonly kind: "topics"; readonly topics: readonly string[] }
  | { readonly kind: "pattern"; readonly pattern: RegExp }
  | { readonly kind: "matched there"; readonly pattern: string };

/** With what a thread begins. */
export interface ThreadStart {
  readonly thread: number;
  readonly threads: number;
  readonly module: string;
  readonly options: ConsumerOptions<unknown, unknown>;
  readonly clientId: string;
  readonly groupInstanceId: string | undefined;
  readonly subscription: ToldSubscription;
  readonly concurrency: number;
  readonly orderBy: "partition" | "key";
  readonly data: unknown;
}

/** Of what comes from our own side: whether this is a thread of ours at all. */
export function isThreadStart(told: unknown): told is ThreadStart {
  return typeof told === "object" && told !== null && "module" in told && "subscription" in told;
}

export type ThreadOrder =
  /** What is in hand is finished first. */
  { readonly kind: "stop" } | { readonly kind: "close"; readonly options: ConsumerCloseOptions } | { readonly kind: "report" };

export type ThreadWord =
  | { readonly kind: "report"; readonly report: ThreadReport }
  /** Something has failed; it is about to leave the group, and others would be given what it failed of. */
  | { readonly kind: "failing" }
  /** Nothing will come any more. */
  | { readonly kind: "ended"; readonly failure: ToldError | undefined };

/** An error on its way to another thread, where its class would be lost, and whatever it has of its own. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly cause: ToldError | undefined;
}

const LONGEST_CHAIN = 8;

export function toldError(thrown: unknown, depth: number = 0): ToldError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: String(thrown), stack: undefined, code: undefined, cause: undefined };
  }
  const { name, message, stack, cause } = thrown;
  const code: unknown = Reflect.get(thrown, "code");
  const isEnd = cause === undefined || depth === LONGEST_CHAIN;
  return {
    name,
    message,
    stack,
    code: typeof code === "string" ? code : undefined,
    cause: isEnd ? undefined : toldError(cause, depth + 1),
  };
}

/** As like it as can be: its name, its words, where it was, its code and its causes. */
export function errorFrom({ name, message, stack, code, cause }: ToldError): Error {
  const error = new Error(message, cause && { cause: errorFrom(cause) });
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
