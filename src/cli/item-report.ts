/** What came of the things that were named on the command line: each one's line, or its error. */
import { BrokerError, type ErrorName, type KafkaError } from "../index.ts";
import type { Printed } from "./admin-command.ts";
import { harmless } from "./harmless-text.ts";

/** A result of a call over several items. */
interface Item {
  readonly name: string | undefined;
  readonly error?: KafkaError | undefined;
}

export interface ItemFailure {
  readonly name: string | undefined;
  readonly error: { readonly code: string; readonly retriable: boolean; readonly message: string };
}

/** A call about a single thing throws that thing's error; here it is a result like any other. */
export async function itemsOf<Result extends { readonly error?: KafkaError | undefined }, Failed>(
  names: readonly string[],
  identity: (name: string) => Failed,
  call: () => Promise<readonly Result[]>,
): Promise<readonly (Result | (Failed & { readonly error: KafkaError }))[]> {
  try {
    return await call();
  } catch (error) {
    const [only, ...more] = names;
    if (only === undefined || more.length > 0 || !(error instanceof BrokerError)) throw error;
    return [{ ...identity(only), error }];
  }
}

/** The failures among results, for people and for programs. */
export function failuresIn(items: readonly Item[]): { readonly text: string; readonly json: readonly ItemFailure[] } {
  const failed = items.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]));
  return {
    text: failed.map(({ error }) => `failed: ${harmless(error.message)}\n`).join(""),
    json: failed.map(({ name, error: { code, retriable, message } }) => ({ name, error: { code, retriable, message } })),
  };
}

export interface ReportWords {
  /** What has happened to the good ones: `created`. */
  readonly done: string;
  /** An error that is none, because things are as they should be. */
  readonly harmless?: ErrorName;
  readonly already?: string;
}

/** One line per thing that something was done to. */
export function reportOn(items: readonly Item[], { done, harmless: fine, already = done }: ReportWords): Printed {
  const failures = failuresIn(items.filter(({ error }) => error?.code !== fine));
  const isFine = ({ error }: Item): boolean => error === undefined || error.code === fine;
  const good = items.filter(isFine).map(({ name, error }) => ({ name, result: error === undefined ? done : already }));
  const lines = good.map(({ name, result }) => `${harmless(name ?? "?")} ${result}\n`);
  return {
    text: `${lines.join("")}${failures.text}`,
    json: [...good, ...failures.json],
    hasFailures: failures.json.length > 0,
  };
}
