// What a call may come to, given what was true while it lasted.

import { BrokerError } from "../../../../src/client/errors.ts";
import type { ErrorName } from "../../../../src/protocol/index.ts";
import type { EndedCall } from "../../world/call.ts";
import { errorText } from "../../world/simulated-client.ts";
import type { TopicTruth } from "../../world/truth.ts";
import type { World } from "../../world/world.ts";

export const TRUTHFUL = "an answer belongs to its request, and tells what was true while the call lasted";

/** What brokers say by themselves while nodes and leaders come and go. */
const NATURAL: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "LEADER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "NOT_LEADER_OR_FOLLOWER",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "NOT_CONTROLLER",
  "INVALID_REPLICATION_FACTOR",
]);

/** One call's results held against the truth. */
export class Expectations {
  readonly #world: World;
  readonly #call: EndedCall;
  readonly #fromLook: number;

  /** @param told `byAnyNode`: what a node says may be as old as its view of the cluster; `byController` it is the truth */
  constructor(world: World, call: EndedCall, told: "byAnyNode" | "byController") {
    this.#world = world;
    this.#call = call;
    this.#fromLook = told === "byAnyNode" ? world.truth.staleFrom(call.fromLook) : call.fromLook;
  }

  /** All states of the topic while the call lasted, and those older ones that a node may still have told of. */
  states(name: string): readonly (TopicTruth | undefined)[] {
    return this.#world.truth.statesOf(name, this.#fromLook, this.#call.toLook);
  }

  expect(isTrue: boolean, otherwise: () => string): void {
    if (!isTrue) this.#world.violate(TRUTHFUL, `${this.#call.title()}: ${otherwise()}`);
  }

  /** A topic was there at some moment, with this id if one is known. Gives the states that fit. */
  existed(name: string, topicId: string | undefined): readonly TopicTruth[] {
    const fitting = this.states(name).flatMap((state) =>
      state !== undefined && (topicId ?? state.id) === state.id ? [state] : [],
    );
    this.expect(fitting.length > 0, () => `there was no topic ${name} with the id ${topicId} then`);
    return fitting;
  }

  /** The error of the call, or of one item, if it has one: brokers' errors must be true, unless a fault made them say it. */
  error(error: unknown, place: { readonly topic?: string; readonly partition?: number; readonly total?: number } = {}): void {
    if (!(error instanceof BrokerError) || this.#world.injectedErrors.has(error.code)) return;
    this.expect(this.#isTrue(error.code, place), () => `${errorText(error)} is not what a broker could have said`);
  }

  #isTrue(code: ErrorName, { topic, partition = 0, total }: { topic?: string; partition?: number; total?: number }): boolean {
    if (NATURAL.has(code)) return true;
    if (topic === undefined) return false;
    const states = this.states(topic);
    switch (code) {
      case "UNKNOWN_TOPIC_OR_PARTITION":
      case "UNKNOWN_TOPIC_ID":
        return (
          states.some((state) => state === undefined || partition >= state.partitions) ||
          new Set(states.map((state) => state?.id)).size > 1
        );
      case "TOPIC_ALREADY_EXISTS":
        return states.some((state) => state !== undefined);
      case "INVALID_PARTITIONS":
        return total !== undefined && states.some((state) => state !== undefined && state.partitions >= total);
      default:
        return false;
    }
  }
}
