/**
 * The first contact, through the servers that the user has named.
 *
 * They are tried in an order that chance decides, each at all of its addresses. While one does not answer, the next is tried beside it
 * after a short head start, as browsers do with addresses ("happy eyeballs", RFC 8305): a server that is switched off, or hangs, then
 * costs half a second instead of its whole setup timeout. What it costs the cluster is at most a connection that is not needed; who
 * answers quickly, as servers do, is the only one that is asked.
 */
import { UnsupportedVersionError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { BrokerAddress } from "../connection/lane.ts";
import { TransportError } from "../connection/transport.ts";
import {
  AuthenticationError,
  type BootstrapAttempt,
  BootstrapError,
  BrokerError,
  ConnectionError,
  type ConnectionPhase,
  RequestTimeoutError,
} from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { backoffMs } from "./backoff.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { classOfError } from "./error-classes.ts";
import { LinkedDeadline } from "./linked-deadline.ts";
import type { Pauses } from "./pauses.ts";

/** Enough for a handshake with TLS and SASL in the same region. */
const HEAD_START_MS = 500;

/** A chain of causes that is longer is a circle. */
const LONGEST_CHAIN = 8;

type Server = ClusterSettings["bootstrapServers"][number];

export interface BootstrapInit<Connection, Answer> {
  readonly settings: ClusterSettings;
  readonly runtime: Runtime;
  readonly pauses: Pauses;
  readonly connect: (broker: BrokerAddress, deadline: Deadline) => Promise<Connection>;
  /** Told of names that cannot be resolved: of what fails further on, connections tell. */
  readonly telemetry?: Pick<Telemetry, "warning">;
  /** How far connecting to it has come, if it is known. */
  readonly phaseOf?: (broker: BrokerAddress) => ConnectionPhase | undefined;
  /** What makes a connection a useful one. */
  readonly ask: (connection: Connection, deadline: Deadline) => Promise<Answer>;
}

interface Failure {
  readonly phase: ConnectionPhase;
  readonly cause: Error;
}

/** One search for a server that answers. */
export class Bootstrap<Connection, Answer> {
  readonly #init: BootstrapInit<Connection, Answer>;
  readonly #startedAtMs: number;
  /** How each address failed the last time, by server: nothing is hidden behind the last failure of all. */
  readonly #failures = new Map<Server, Map<string, Failure>>();
  /** What is being tried now, since when, and how far it has come. */
  readonly #underWay = new Map<string, { readonly sinceMs: number; readonly reached: () => ConnectionPhase }>();

  constructor(init: BootstrapInit<Connection, Answer>) {
    this.#init = init;
    this.#startedAtMs = init.runtime.clock.monotonic();
  }

  /** The first answer. Rejects at the deadline, or as soon as no server wants us and trying again cannot change that. */
  async run(deadline: Deadline): Promise<Answer> {
    const { settings, runtime, pauses } = this.#init;
    for (let passes = 1; ; passes++) {
      const found = await this.#pass(deadline);
      if (found !== undefined) return found.answer;
      deadline.throwIfAborted();
      const failures = this.#allFailures();
      if (deadline.isOver || failures.every(({ cause }) => classOfError(cause, "Metadata").remedy === "fatal"))
        throw this.failure();
      await pauses.wait(backoffMs(passes, settings, runtime.random), deadline);
      if (deadline.isOver) throw this.failure();
    }
  }

  /** What to tell somebody who will not wait any longer: every address, also those that still may answer. */
  failure(): BootstrapError | AuthenticationError {
    const now = this.#init.runtime.clock.monotonic();
    const attempts = this.#allFailures();
    const known = new Set(attempts.map(({ address }) => address));
    for (const [address, { sinceMs, reached }] of this.#underWay) {
      // How it failed the last time says more.
      if (known.has(address)) continue;
      const phase = reached();
      const cause = new ConnectionError(`no answer yet after ${Math.round(now - sinceMs)} ms`, { broker: address, phase });
      attempts.push({ address, phase, cause });
    }
    const isHopeless = attempts.length > 0 && attempts.every(({ cause }) => classOfError(cause, "Metadata").remedy === "fatal");
    const whole = new BootstrapError(attempts, { afterMs: now - this.#startedAtMs, retriable: !isHopeless });
    return authenticationFailure(attempts, whole) ?? whole;
  }

  /** Undefined when every address has failed. */
  #pass(deadline: Deadline): Promise<{ readonly answer: Answer } | undefined> {
    const { clock, random } = this.#init.runtime;
    const servers = shuffled(this.#init.settings.bootstrapServers, random);
    const linked = new LinkedDeadline(deadline);
    return new Promise((resolve) => {
      let running = 0;
      let isDone = false;
      let headStart: { cancel(): void } | undefined;
      const finish = (found: { readonly answer: Answer } | undefined): void => {
        if (isDone) return;
        isDone = true;
        headStart?.cancel();
        linked.end(new ConnectionError("another bootstrap server was faster", { broker: "bootstrap", phase: "tcp" }));
        this.#underWay.clear();
        resolve(found);
      };
      const startNext = (): void => {
        headStart?.cancel();
        if (isDone) return;
        const server = deadline.isOver ? undefined : servers.shift();
        if (server === undefined) {
          if (running === 0) finish(undefined);
          return;
        }
        running++;
        if (servers.length > 0) headStart = clock.schedule(HEAD_START_MS, startNext);
        void this.#tryServer(server, linked.deadline, () => isDone).then((found) => {
          running--;
          if (found === undefined) startNext();
          else finish(found);
        });
      };
      startNext();
    });
  }

  /** Never rejects: what fails is written down. */
  async #tryServer(server: Server, deadline: Deadline, isDone: () => boolean): Promise<{ readonly answer: Answer } | undefined> {
    const failures = new Map<string, Failure>();
    const name = nameOf(server);
    const targets = await this.#step(name, "dns", failures, isDone, () => this.#targets(server, deadline));
    for (const target of targets ?? []) {
      if (isDone() || deadline.isOver) break;
      const address = target.address === undefined || target.address === server.host ? name : `${name} (${target.address})`;
      const reached = (): ConnectionPhase => this.#init.phaseOf?.(target) ?? "tcp";
      const connect = (): Promise<Connection> => this.#init.connect(target, deadline);
      const connection = await this.#step(address, "tcp", failures, isDone, connect, reached);
      if (connection === undefined) continue;
      const answer = await this.#step(address, "established", failures, isDone, () => this.#init.ask(connection, deadline));
      if (answer !== undefined) return { answer };
    }
    // A round that the deadline has broken off says nothing of the addresses that it did not come to: their last failure stands.
    if (!isDone()) this.#failures.set(server, new Map([...(this.#failures.get(server) ?? []), ...failures]));
    return undefined;
  }

  async #step<T>(
    address: string,
    phase: ConnectionPhase,
    failures: Map<string, Failure>,
    isDone: () => boolean,
    run: () => Promise<T>,
    reached: () => ConnectionPhase = () => phase,
  ): Promise<T | undefined> {
    this.#underWay.set(address, { sinceMs: this.#init.runtime.clock.monotonic(), reached });
    try {
      return await run();
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error), { cause: error });
      failures.set(address, { phase: phaseOf(cause, phase), cause });
      return undefined;
    } finally {
      if (!isDone()) this.#underWay.delete(address);
    }
  }

  async #targets({ host, port }: Server, deadline: Deadline): Promise<readonly BrokerAddress[]> {
    const { runtime, settings } = this.#init;
    const timedOut = (): Error => new RequestTimeoutError(`resolving ${host}`, deadline.timeoutMs);
    const addresses = await deadline.race(runtime.resolve(host), timedOut).catch((cause: unknown) => {
      const problem = `the host name cannot be resolved: ${textOf(cause)}`;
      this.#init.telemetry?.warning("BOOTSTRAP_UNRESOLVED", `bootstrap server ${host}:${port}: ${problem}`, { host, port });
      throw new ConnectionError(problem, { broker: `${host}:${port}`, phase: "dns", cause });
    });
    if (addresses.length === 0)
      throw new ConnectionError("the host name has no address", { broker: `${host}:${port}`, phase: "dns" });
    if (settings.clientDnsLookup === "use_all_dns_ips")
      return addresses.map(({ address }) => ({ host, port, nodeId: -1, address }));
    const hosts = await Promise.all(addresses.map(({ address }) => this.#canonicalName(address, deadline)));
    return hosts.map((canonical, index) => ({
      host: canonical,
      port,
      nodeId: -1,
      address: addresses[index]?.address ?? canonical,
    }));
  }

  /** As Java: an address without a name stands for itself. */
  async #canonicalName(address: string, deadline: Deadline): Promise<string> {
    const { canonicalName } = this.#init.runtime;
    if (canonicalName === undefined) return address;
    const asked = canonicalName(address).catch(() => address); // No name is an answer, too.
    return deadline.race(asked, () => new RequestTimeoutError(`the name of ${address}`, deadline.timeoutMs));
  }

  #allFailures(): BootstrapAttempt[] {
    return [...this.#failures.values()].flatMap((ofServer) =>
      Array.from(ofServer, ([address, { phase, cause }]) => ({ address, phase, cause })),
    );
  }
}

/** Who is told no by everybody hears so by its own name; the list of all is the cause. */
function authenticationFailure(attempts: readonly BootstrapAttempt[], whole: BootstrapError): AuthenticationError | undefined {
  const [first] = attempts;
  if (first === undefined || !attempts.every(({ cause }) => cause instanceof AuthenticationError)) return undefined;
  if (attempts.length === 1 && first.cause instanceof AuthenticationError) return first.cause;
  const brokers = attempts.map(({ address }) => address).join(", ");
  return new AuthenticationError(`no bootstrap server accepts us; the first says: ${first.cause.message}`, {
    broker: brokers,
    cause: whole,
  });
}

/** How far a failure says that it had come: its own word, or that of what caused it. */
function phaseOf(error: Error, phase: ConnectionPhase): ConnectionPhase {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < LONGEST_CHAIN; one = one.cause, depth++) {
    if (one instanceof ConnectionError || one instanceof TransportError) return one.phase;
  }
  if (error instanceof AuthenticationError) return "sasl";
  // What is refused while connecting is refused in answer to its only request.
  const isRefused = error instanceof BrokerError || error instanceof UnsupportedVersionError;
  return isRefused && phase === "tcp" ? "api versions" : phase;
}

function nameOf({ host, port }: Server): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Fisher and Yates's. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const taken: T[] = [];
  while (left.length > 0) taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}
