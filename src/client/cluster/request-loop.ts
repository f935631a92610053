/** Sends a request until it is answered: to whoever is right for it, again after a pause, and never beyond the deadline. */
import type { Api } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { BrokerConnection, RequestBody } from "../connection/broker-connection.ts";
import type { ConnectionPool } from "../connection/connection-pool.ts";
import { BootstrapError, BrokerError, ConnectionError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { backoffMs } from "./backoff.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import type { Coordinators } from "./coordinators.ts";
import { classOfError, rebootstrapDemand, strongestRetriable } from "./error-classes.ts";
import type { ErrorClass } from "./error-table.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { type LeaderHints, withLeaderHints } from "./leader-hints.ts";
import type { MetadataRefresher } from "./metadata-refresher.ts";
import type { ClusterBroker, PartitionMetadata } from "./metadata-snapshot.ts";
import type { Pauses } from "./pauses.ts";
import type { Routes } from "./routes.ts";
import { type AskOptions, type ClusterAnswer, nameOf, type Target } from "./target.ts";

export interface RequestLoopInit {
  readonly settings: ClusterSettings;
  readonly pool: ConnectionPool;
  readonly runtime: Runtime;
  readonly refresher: MetadataRefresher;
  readonly coordinators: Coordinators;
  readonly routes: Routes;
  readonly pauses: Pauses;
}

interface Request<Asked, Answered> {
  readonly api: Api<Asked, Answered>;
  readonly body: RequestBody<Asked>;
  readonly target: Target;
  readonly options: AskOptions<Answered>;
}

/** An attempt that was in vain. */
interface Failure {
  readonly error: Error;
  readonly class: ErrorClass;
  /** Who was asked; undefined when it was not known whom to ask. */
  readonly broker?: ClusterBroker;
  /** C23: it had been idle, and its end crossed our request on the way. */
  readonly wasIdle?: boolean;
  /** There was an answer, that has been learned from; true if it told the way itself (KIP-951), so that there is no reason to wait. */
  readonly knowsBetter?: boolean;
}

type Attempt<Answered> = { readonly answer: ClusterAnswer<Answered> } | Failure;

interface GiveUpRules {
  readonly deadline: Deadline;
  readonly retries?: boolean;
}

/** More often than this nothing is tried again without a pause, whatever the brokers say. */
const MOST_UNPAUSED = 3;

export class RequestLoop {
  readonly #init: RequestLoopInit;

  constructor(init: RequestLoopInit) {
    this.#init = init;
  }

  async ask<Asked, Answered>(request: Request<Asked, Answered>): Promise<ClusterAnswer<Answered>> {
    const { options, target, api } = request;
    const { deadline } = options;
    const failed = new FailedAttempts(`${api.name} to ${nameOf(target)}`);
    const avoided = new Set<number>();
    let unpaused = 0;
    let hasCrossed = false;
    for (;;) {
      deadline.throwIfAborted();
      if (deadline.isOver) throw failed.timedOut(deadline.timeoutMs);
      const result = await this.#attempt(request, avoided);
      if ("answer" in result) return result.answer;
      if (result.wasIdle === true && !hasCrossed && options.retries !== false) {
        hasCrossed = true;
        failed.mayBeApplied(result.class.applied === "possibly");
        continue;
      }
      // Who tries again by himself must find another one too.
      if (options.retries === false && !deadline.isOver) this.#learnOnce(target, result);
      this.#giveUp(result, options, failed);
      this.#learnOnce(target, result);
      if (result.broker !== undefined) avoided.add(result.broker.nodeId);
      const isBetter = result.knowsBetter === true || (await this.#lookAgain(result, target, deadline, failed));
      if (isBetter && unpaused++ < MOST_UNPAUSED) continue;
      await this.#init.pauses.wait(backoffMs(failed.count, this.#init.settings, this.#init.runtime.random), deadline);
    }
  }

  /** @throws what the caller has to be told, when the request is not to be sent again */
  #giveUp({ error, class: found }: Failure, { deadline, retries = true }: GiveUpRules, failed: FailedAttempts): void {
    failed.mayBeApplied(found.applied === "possibly");
    deadline.throwIfAborted();
    if (!retries || found.remedy === "fatal") throw error;
    if (error instanceof BootstrapError && (deadline.isOver || !this.#init.refresher.wasEverBootstrapped)) throw error;
    // That the last attempt ran into the deadline is no news: what failed before it says more.
    if (!deadline.isOver || failed.last === undefined || error instanceof BrokerError) failed.add(error);
    if (deadline.isOver) throw failed.timedOut(deadline.timeoutMs);
  }

  async #attempt<Asked, Answered>(request: Request<Asked, Answered>, avoided: ReadonlySet<number>): Promise<Attempt<Answered>> {
    const { api, target, options } = request;
    let broker: ClusterBroker | undefined;
    let wasIdle = false;
    try {
      broker = await this.#init.routes.find(target, options.deadline, avoided);
      const lane = options.lane ?? (target.kind === "coordinator" ? "coordinator" : "main");
      const open = this.#init.pool.open(broker, lane);
      wasIdle = open !== undefined && open.inFlight === 0;
      const connection = open ?? (await this.#init.pool.connection(broker, lane, options.deadline));
      return await this.#exchange(request, connection, broker);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
      // What the way there failed of was answered by Metadata or FindCoordinator, whose rules hold for it.
      const way = target.kind === "coordinator" ? "FindCoordinator" : "Metadata";
      const found = classOfError(error, broker === undefined ? way : api.name);
      if (broker === undefined) {
        if (!isAnswer(error) || found.remedy === "rebootstrap") this.#learnOfCluster(found, error);
        return { error, class: found };
      }
      const isCrossing = wasIdle && error instanceof ConnectionError && error.phase === "established" && error.retriable;
      return { error, class: found, broker, wasIdle: isCrossing };
    }
  }

  async #exchange<Asked, Answered>(
    { api, body, target, options }: Request<Asked, Answered>,
    connection: BrokerConnection,
    broker: ClusterBroker,
  ): Promise<Attempt<Answered>> {
    const before = this.#placeOf(target);
    const { deadline, limits, timeoutMs } = options;
    const own = timeoutMs === undefined ? {} : { timeoutMs };
    const { version, body: answered } = await connection.ask(api, body, deadline, limits, own);
    if (options.leadersIn !== undefined) this.learnLeaders(options.leadersIn(answered));
    const answer = { version, body: answered, broker };
    const strongest = strongestRetriable(options.errorsIn?.(answered) ?? [], api.name);
    if (strongest === undefined) return { answer };
    const error = new BrokerError(strongest.code, { api: api.name, broker: connection.facts.broker });
    const failure = { error, class: strongest.class, broker };
    this.#learn(target, broker, failure);
    if (options.retries === false) return { answer };
    return { ...failure, knowsBetter: target.kind === "leader" && this.#placeOf(target) !== before };
  }

  /** Of an answer it is learned at once. */
  #learnOnce(target: Target, failure: Failure): void {
    if (failure.broker !== undefined && failure.knowsBetter === undefined) this.#learn(target, failure.broker, failure);
  }

  /** What a failure says of the cluster, for whoever asks next; without waiting. */
  #learn(target: Target, broker: ClusterBroker, { class: found, error }: Failure): void {
    const { refresher, coordinators } = this.#init;
    if (target.kind === "coordinator" && found.remedy === "find coordinator")
      coordinators.forget(target.type, target.key, broker.nodeId);
    if (!isAnswer(error) && found.remedy === "refresh metadata") coordinators.forgetNode(broker.nodeId);
    if (target.kind === "leader" && isAnswer(error) && found.remedy === "refresh metadata") refresher.need([target.topic]);
    else this.#learnOfCluster(found, error);
  }

  /** Of a request that was sent by other ways. */
  learnFailure(error: Error, api: string): void {
    this.#learnOfCluster(classOfError(error, api), error);
  }

  #learnOfCluster(found: ErrorClass, error: Error): void {
    const { refresher } = this.#init;
    if (found.remedy === "rebootstrap") refresher.rebootstrap(rebootstrapDemand(error)?.message ?? found.why);
    if (wantsMetadata(found)) refresher.need();
  }

  /** Waits for the metadata that the failure asks for, when it decides whom to ask next. True if that is somebody else now. */
  async #lookAgain(
    { class: found, broker }: Failure,
    target: Target,
    deadline: Deadline,
    failed: FailedAttempts,
  ): Promise<boolean> {
    const decides = target.kind === "leader" || target.kind === "controller" || target.kind === "node";
    // Nobody was asked: then looking it up has just been in vain.
    if (!decides || !wantsMetadata(found) || broker === undefined) return false;
    const before = this.#placeOf(target);
    try {
      await this.#init.refresher.refresh(deadline, target.kind === "leader" ? [target.topic] : undefined);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
      this.#giveUp({ error, class: classOfError(error, "Metadata") }, { deadline }, failed);
    }
    return this.#placeOf(target) !== before;
  }

  /** Something that is another one when the target has moved. */
  #placeOf(target: Target): PartitionMetadata | ClusterBroker | undefined {
    const { metadata } = this.#init.refresher;
    if (target.kind === "leader") return metadata.topics.get(target.topic)?.partitions[target.partition];
    return target.kind === "controller" ? metadata.controller : undefined;
  }

  learnLeaders(hints: LeaderHints): void {
    if (hints.leaders.length === 0) return;
    const { refresher } = this.#init;
    refresher.replace(withLeaderHints(refresher.metadata, hints));
  }
}

/** A broker has spoken; everything else is the way to it that failed. */
function isAnswer(error: Error): boolean {
  return error instanceof BrokerError;
}

function wantsMetadata({ remedy }: ErrorClass): boolean {
  return remedy === "refresh metadata" || remedy === "find controller" || remedy === "rebootstrap";
}
