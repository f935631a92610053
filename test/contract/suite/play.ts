// Plays a contract on a broker, and says what came of it.

import { UnsupportedVersionError } from "../../../src/protocol/index.ts";
import { exceptionFor } from "../exceptions.ts";
import type { BrokerUnderTest } from "./broker-under-test.ts";
import { type Inability, inabilityOf } from "./cannot-do.ts";
import { type Contract, titleOf } from "./contract.ts";
import { Stage } from "./stage.ts";

/** Much longer than any contract takes: nothing may hang. */
const DEADLINE_MS = 45_000;

export type Outcome =
  | { readonly result: "passed" }
  | { readonly result: "failed"; readonly error: Error }
  /** The release cannot do it, and the client said so. */
  | { readonly result: "cannot"; readonly reason: string }
  /** A listed exception. */
  | { readonly result: "excepted"; readonly reason: string };

export async function play(contract: Contract, broker: BrokerUnderTest): Promise<Outcome> {
  const inability = inabilityOf(broker.release, contract.needs);
  const exception = exceptionFor(broker.kind, broker.release, titleOf(contract));
  const problem = await problemOf(contract, broker);
  if (problem instanceof TookTooLong) return { result: "failed", error: problem };
  const isAsExpected = inability === undefined ? problem === undefined : showsInability(problem, inability);
  if (exception !== undefined) {
    if (isAsExpected) return failed(`exceptions.ts lists it (${exception.reason}), but ${broker.description} needs no exception`);
    return { result: "excepted", reason: exception.reason };
  }
  if (isAsExpected) return inability === undefined ? { result: "passed" } : { result: "cannot", reason: inability.reason };
  return problem === undefined
    ? failed(`cannot-do.ts says "${inability?.reason}", but ${broker.description} can`)
    : { result: "failed", error: problem };
}

class TookTooLong extends Error {}

async function problemOf(contract: Contract, broker: BrokerUnderTest): Promise<Error | undefined> {
  const deadline = new AbortController();
  const stage = new Stage(broker, contract, deadline.signal);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      deadline.abort();
      const { lastProblem } = stage;
      const waiting = lastProblem instanceof Error ? `; it waits for this to pass: ${lastProblem.message}` : "";
      reject(new TookTooLong(`not done in ${DEADLINE_MS} ms on ${broker.description}${waiting}`));
    }, DEADLINE_MS);
  });
  try {
    await Promise.race([contract.show(stage), tooLong]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(`something was thrown that is no error: ${String(error)}`);
  } finally {
    clearTimeout(timer);
    await stage.close();
  }
}

/** A failing assertion is no refusal: where the client must refuse, it must throw its own error. */
function showsInability(problem: Error | undefined, { shows }: Inability): boolean {
  return shows === "no value" ? problem !== undefined : problem instanceof UnsupportedVersionError;
}

function failed(message: string): Outcome {
  return { result: "failed", error: new Error(message) };
}
