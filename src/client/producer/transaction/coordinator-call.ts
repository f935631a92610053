/** Asks a coordinator until it has said yes or no: again after a pause, within the call's deadline, and not after the transaction's end. */
import type { Api, KafkaError, NegotiationLimits } from "../../../protocol/index.ts";
import { abortReason, onAbort } from "../../async/abort-listeners.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { CallContext } from "../../client-core.ts";
import { type BackoffSettings, backoffMs } from "../../cluster/backoff.ts";
import type { ClusterAnswer } from "../../cluster/cluster.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import { FailedAttempts } from "../../cluster/failed-attempts.ts";
import { nameOf, type Target } from "../../cluster/target.ts";
import type { RequestBody } from "../../connection/broker-connection.ts";
import { BrokerError } from "../../errors.ts";
import { meaningOf, type TransactionApi } from "./transaction-errors.ts";

export interface CoordinatorCall<Request, Response> {
  readonly api: Api<Request, Response>;
  /** As the table of errors calls it. */
  readonly name: TransactionApi;
  readonly type: "transaction" | "group";
  readonly key: string;
  readonly limits?: NegotiationLimits;
  /** Asked before each attempt: some of what was wanted may be done by then. */
  readonly body: () => RequestBody<Request>;
  /** What is wrong with the answer; an error that means `again` has the request sent again, any other is thrown. */
  readonly problem: (answer: ClusterAnswer<Response>) => KafkaError | undefined;
  /** Every error code in an answer. */
  readonly codes: (response: Response) => readonly number[];
  /** A request was sent, and nobody knows what became of it: it may still arrive. */
  readonly onStray: () => void;
  /** Ends the asking between two attempts; rejects with its reason. */
  readonly stopped?: AbortSignal;
}

export interface CallSettings extends BackoffSettings {
  readonly random: () => number;
}

/** T2: the coordinator is writing the last transaction's markers, which takes it a moment. */
const MARKERS_PAUSE_MS = 20;

export async function askCoordinator<Request, Response>(
  { cluster, deadline }: CallContext,
  settings: CallSettings,
  call: CoordinatorCall<Request, Response>,
): Promise<ClusterAnswer<Response>> {
  const { api, stopped } = call;
  const target: Target = { kind: "coordinator", type: call.type, key: call.key };
  const failed = new FailedAttempts(`${api.name} to ${nameOf(target)}`);
  for (;;) {
    deadline.throwIfAborted();
    stopped?.throwIfAborted();
    if (deadline.isOver) throw failed.timedOut(deadline.timeoutMs);
    let error: unknown;
    try {
      const options = { deadline, errorsIn: call.codes, retries: false, ...(call.limits && { limits: call.limits }) };
      const answer = await cluster.ask(api, call.body(), target, options);
      error = call.problem(answer);
      if (error === undefined) return answer;
    } catch (thrown) {
      error = thrown;
      // Who gives up while it is on its way does not hear what becomes of it.
      if (deadline.signal?.aborted === true || classOfError(thrown, api.name).applied === "possibly") call.onStray();
      deadline.throwIfAborted();
    }
    if (!(error instanceof Error) || meaningOf(error, call.name) !== "again") throw error;
    failed.mayBeApplied(classOfError(error, api.name).applied === "possibly");
    if (!deadline.isOver || failed.last === undefined || error instanceof BrokerError) failed.add(error);
    await pause(pauseMs(error, failed.count, settings), deadline, stopped);
  }
}

function pauseMs(error: Error, failures: number, settings: CallSettings): number {
  const isMarkers = error instanceof BrokerError && error.code === "CONCURRENT_TRANSACTIONS";
  if (isMarkers && failures === 1) return MARKERS_PAUSE_MS;
  return backoffMs(isMarkers ? failures - 1 : failures, settings, settings.random);
}

/** Waits, but not beyond the deadline, its signal, or the end of the transaction. */
function pause(ms: number, deadline: Deadline, stopped: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      timer.cancel();
      for (const stopListening of listening) stopListening();
      settle();
    };
    const timer = deadline.clock.schedule(Math.min(ms, deadline.leftMs), () => end(resolve));
    const listening: (() => void)[] = [];
    for (const signal of [deadline.signal, stopped]) {
      if (signal === undefined) continue;
      if (signal.aborted) return end(() => reject(abortReason(signal)));
      listening.push(onAbort(signal, (reason) => end(() => reject(reason))));
    }
  });
}
