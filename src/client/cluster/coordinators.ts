/**
 * Which broker coordinates a group or a transactional id. Asked of any broker, remembered until somebody says that it is wrong.
 */
import {
  FindCoordinator,
  type FindCoordinatorResponse,
  type FoundCoordinator,
  GROUP_COORDINATOR,
  type NegotiationLimits,
  SHARE_COORDINATOR,
  TRANSACTION_COORDINATOR,
} from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import { BrokerError, ConnectionError } from "../errors.ts";
import type { ClusterBroker } from "./metadata-snapshot.ts";
import type { CoordinatorType } from "./target.ts";

const keyTypes: Readonly<Record<CoordinatorType, number>> = {
  group: GROUP_COORDINATOR,
  transaction: TRANSACTION_COORDINATOR,
  share: SHARE_COORDINATOR,
};

/** The first version that knows the type. */
const leastVersions: Readonly<Record<CoordinatorType, number>> = { group: 0, transaction: 1, share: 6 };
const FIRST_VERSION_WITH_MANY_KEYS = 4;

export interface CoordinatorsInit {
  /** An established connection to whatever broker is best asked now. */
  readonly anyConnection: (deadline: Deadline) => Promise<BrokerConnection>;
  /** For lookups that several callers share, each of whom has a deadline of its own. */
  readonly unlimited: Deadline;
}

/** What one type's lookups of the same tick are gathered in. */
interface Batch {
  readonly keys: string[];
  readonly answers: Promise<ReadonlyMap<string, FoundCoordinator>>;
}

export class Coordinators {
  readonly #init: CoordinatorsInit;
  readonly #known = new Map<CoordinatorType, Map<string, ClusterBroker>>();
  /** Lookups under way, shared by everybody who wants the same. */
  readonly #lookups = new Map<CoordinatorType, Map<string, Promise<ClusterBroker>>>();
  readonly #batches = new Map<CoordinatorType, Batch>();
  /** Counts what was forgotten, so that a lookup that began before is not remembered. */
  #age = 0;

  constructor(init: CoordinatorsInit) {
    this.#init = init;
  }

  /** Without asking anybody. */
  known(type: CoordinatorType, key: string): ClusterBroker | undefined {
    return this.#known.get(type)?.get(key);
  }

  /** One attempt. Rejects with the broker's error, or with what the connection failed of; whether to try again is the caller's. */
  find(type: CoordinatorType, key: string): Promise<ClusterBroker> {
    const known = this.known(type, key);
    if (known !== undefined) return Promise.resolve(known);
    const ofType = inner(this.#lookups, type);
    const underWay = ofType.get(key);
    if (underWay !== undefined) return underWay;
    const lookup = this.#lookUp(type, key).finally(() => ofType.delete(key));
    ofType.set(key, lookup);
    return lookup;
  }

  /** That node is not its coordinator, or not any more: the next `find` asks. A newer finding stays. */
  forget(type: CoordinatorType, key: string, nodeId: number): void {
    this.#age++;
    const ofType = this.#known.get(type);
    if (ofType?.get(key)?.nodeId === nodeId) ofType.delete(key);
  }

  /** The connection to a node broke: what it coordinated may have moved. */
  forgetNode(nodeId: number): void {
    this.#age++;
    for (const ofType of this.#known.values()) {
      for (const [key, broker] of ofType) if (broker.nodeId === nodeId) ofType.delete(key);
    }
  }

  forgetAll(): void {
    this.#age++;
    this.#known.clear();
  }

  async #lookUp(type: CoordinatorType, key: string): Promise<ClusterBroker> {
    const age = this.#age;
    const found = (await this.#inBatch(type, key)).get(key);
    if (found === undefined)
      throw new ConnectionError(`the answer says nothing of ${type} '${key}'`, { broker: "any", phase: "established" });
    if (found.errorCode !== 0) {
      const about = type === "transaction" ? { transactionalId: key } : { group: key };
      throw new BrokerError(found.errorCode, { api: FindCoordinator.name, ...about }, found.errorMessage);
    }
    const broker = { nodeId: found.nodeId, host: found.host, port: found.port, rack: undefined };
    if (age === this.#age) inner(this.#known, type).set(key, broker);
    return broker;
  }

  #inBatch(type: CoordinatorType, key: string): Batch["answers"] {
    let batch = this.#batches.get(type);
    if (batch === undefined) {
      const keys: string[] = [];
      batch = { keys, answers: this.#ask(type, keys) };
      this.#batches.set(type, batch);
    }
    batch.keys.push(key);
    return batch.answers;
  }

  async #ask(type: CoordinatorType, keys: readonly string[]): Promise<ReadonlyMap<string, FoundCoordinator>> {
    const { anyConnection, unlimited } = this.#init;
    // Keys can join until there is a connection, at the earliest to the end of this tick.
    const connection = await anyConnection(unlimited).finally(() => this.#batches.delete(type));
    const limits: NegotiationLimits = { atLeast: leastVersions[type] };
    const keyType = keyTypes[type];
    if (connection.versions.choose(FindCoordinator, limits) >= FIRST_VERSION_WITH_MANY_KEYS) {
      const { body } = await connection.ask(FindCoordinator, { keyType, coordinatorKeys: keys }, unlimited, limits);
      return new Map(body.coordinators.map((found) => [found.key, found]));
    }
    const single = { ...limits, atMost: FIRST_VERSION_WITH_MANY_KEYS - 1 };
    const found = await Promise.all(
      keys.map(async (key) => singleAnswer(key, (await connection.ask(FindCoordinator, { key, keyType }, unlimited, single)).body)),
    );
    return new Map(found.map((one) => [one.key, one]));
  }
}

/** Up to v3 the answer itself is the one coordinator. */
function singleAnswer(key: string, { errorCode, errorMessage, nodeId, host, port }: FindCoordinatorResponse): FoundCoordinator {
  return { key, errorCode, errorMessage, nodeId, host, port };
}

function inner<K, L, V>(outer: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const found = outer.get(key) ?? new Map<L, V>();
  outer.set(key, found);
  return found;
}
