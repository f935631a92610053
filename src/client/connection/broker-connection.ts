import type { Api, Draft, NegotiationLimits } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { Runtime } from "../runtime.ts";
import type { ConnectionFacts, Telemetry } from "../telemetry/telemetry.ts";
import { ask, type Question, tell } from "./ask.ts";
import type { BrokerVersions } from "./broker-versions.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { Exchange } from "./exchange.ts";
import type { BrokerAddress, Lane } from "./lane.ts";
import type { PipelineEnd, RequestPipeline } from "./request-pipeline.ts";

export interface ConnectionInit {
  /** Counted by the client, from 1. */
  readonly connection: number;
  readonly broker: BrokerAddress;
  readonly lane: Lane;
  readonly settings: ConnectionSettings;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** What a 4.4 broker is asked to confirm; undefined while it is not known. */
  readonly clusterId: string | undefined;
}

/** A body, or what makes one of the version that was agreed upon. */
export type RequestBody<Request> = Draft<Request> | ((version: number) => Draft<Request>);

export interface Answer<Response> {
  readonly version: number;
  readonly body: Response;
}

export interface RequestOptions {
  /** Instead of `requestTimeoutMs`: for requests that brokers take their time with, as JoinGroup. */
  readonly timeoutMs?: number;
}

/** An established connection to one broker. It poisons once: whatever breaks it fails all requests in flight with one shared cause. */
export class BrokerConnection {
  readonly facts: ConnectionFacts;
  readonly broker: BrokerAddress;
  readonly versions: BrokerVersions;
  readonly #pipeline: RequestPipeline;
  readonly #clientId: string;

  constructor(pipeline: RequestPipeline, broker: BrokerAddress, versions: BrokerVersions, clientId: string) {
    this.#pipeline = pipeline;
    this.facts = pipeline.facts;
    this.broker = broker;
    this.versions = versions;
    this.#clientId = clientId;
  }

  /** Sent and not answered. */
  get inFlight(): number {
    return this.#pipeline.inFlight;
  }

  /** Not sent yet: too many are in flight, the broker is slow to read, or wants to be left alone. */
  get queued(): number {
    return this.#pipeline.queued;
  }

  get isOpen(): boolean {
    return this.#pipeline.isOpen;
  }

  /** KIP-219: until when (monotonic) the broker wants no requests; 0 if it never said so. */
  get throttledUntilMs(): number {
    return this.#pipeline.throttledUntilMs;
  }

  /**
   * Sends a request, when its turn has come, and resolves to its answer, whatever error codes it carries. The caller waits
   * to the deadline, or for `requestTimeoutMs` if that is shorter, from the call to the answer's last byte. Whoever goes before that
   * leaves the connection as it is: the answer is taken out of its place and dropped. A broker that has not answered after
   * `requestTimeoutMs` counts as gone, and the connection is closed.
   */
  async ask<Request, Response>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    deadline: Deadline,
    limits?: NegotiationLimits,
    options: RequestOptions = {},
  ): Promise<Answer<Response>> {
    const { version, body: answer } = await ask(this.#pipeline, this.#question(api, body, deadline, limits, options));
    return { version, body: answer };
  }

  /** Sends a request that brokers do not answer (Produce with acks 0). Resolves when the kernel has it, which is all one can know. */
  async tell<Request, Response>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    deadline: Deadline,
    limits?: NegotiationLimits,
  ): Promise<void> {
    await tell(this.#pipeline, this.#question(api, body, deadline, limits, {}));
  }

  /** Carries out a request in bytes. The version must be one of `versions`. */
  exchange(exchange: Exchange): void {
    this.#pipeline.exchange(exchange);
  }

  /** Fails what is in flight with `reason` and frees everything. */
  close(reason: Error): void {
    this.#pipeline.close(reason);
  }

  /** Called once, also if it is closed already. Without an error nothing was wrong: it was closed by us, or idle. */
  onClose(listener: (error: Error | undefined, by: PipelineEnd["by"]) => void): void {
    this.#pipeline.onClose(({ error, by }) => listener(error, by));
  }

  #question<Request, Response>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    deadline: Deadline,
    limits: NegotiationLimits | undefined,
    { timeoutMs }: RequestOptions,
  ): Question<Request, Response> {
    const version = this.versions.choose(api, limits);
    const draft = isMaker(body) ? body(version) : body;
    return { api, version, clientId: this.#clientId, body: draft, deadline, timeoutMs };
  }
}

/** Bodies are plain objects. */
function isMaker<Request>(body: RequestBody<Request>): body is (version: number) => Draft<Request> {
  return typeof body === "function";
}
