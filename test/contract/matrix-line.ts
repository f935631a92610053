// One row of the matrix: the suite on one broker.

import type { BrokerKind, BrokerUnderTest } from "./suite/broker-under-test.ts";
import { chaptersFor } from "./suite/chapters.ts";
import { titleOf } from "./suite/contract.ts";
import { play } from "./suite/play.ts";

export interface LineResult {
  /** `2.8.2`. */
  readonly line: string;
  readonly kind: BrokerKind;
  /** `Apache Kafka 2.8.2`, `the embedded broker as 2.8`. */
  readonly broker: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Titles of contracts, by the reason. */
  readonly cannot: ReadonlyMap<string, readonly string[]>;
  readonly listed: ReadonlyMap<string, readonly string[]>;
  /** The start of the broker included. */
  readonly seconds: number;
}

export interface Failure {
  readonly contract: string;
  readonly problem: string;
}

/** Undefined if there is no such broker here, which has been said then. */
export async function playLine(line: string, start: () => Promise<BrokerUnderTest | undefined>): Promise<LineResult | undefined> {
  const startedAt = performance.now();
  const broker = await start();
  if (broker === undefined) return undefined;
  let passed = 0;
  const failures: Failure[] = [];
  const cannot = new Map<string, string[]>();
  const listed = new Map<string, string[]>();
  for (const contract of chaptersFor(broker.release).flatMap(({ contracts }) => contracts)) {
    const outcome = await play(contract, broker);
    const title = titleOf(contract);
    if (outcome.result === "passed") passed += 1;
    else if (outcome.result === "failed") failures.push({ contract: title, problem: problemOf(outcome.error) });
    else add(outcome.result === "cannot" ? cannot : listed, outcome.reason, title);
  }
  try {
    await broker.stop();
  } catch (error) {
    failures.push({ contract: "the broker meets no error of its own", problem: problemOf(error) });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { line, kind: broker.kind, broker: broker.description, passed, failures, cannot, listed, seconds };
}

function add(lists: Map<string, string[]>, reason: string, title: string): void {
  lists.set(reason, [...(lists.get(reason) ?? []), title]);
}

function problemOf(error: unknown): string {
  if (error instanceof AggregateError) return [error.message, ...error.errors.map(problemOf)].join("; ");
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
