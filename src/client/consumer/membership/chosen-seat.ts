import { ConsumerGroupHeartbeat, type ErrorName, type KafkaError, UnsupportedVersionError } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { BrokerError } from "../../errors.ts";
import type { TopicPartition } from "../topic-partition.ts";
import { ClassicSeat } from "./classic-seat.ts";
import { CoordinatedSeat } from "./coordinated-seat.ts";
import type { Seat, SeatHolder, SeatInit, Standing } from "./seat.ts";

export function newSeat(init: SeatInit): Seat {
  switch (init.config.groupProtocol) {
    case "classic":
      return new ClassicSeat(init);
    case "consumer":
      return new CoordinatedSeat(init);
    case "auto":
      return new ChosenSeat(init);
  }
}

/**
 * The brokers are too old (or it is switched off), or the group is a classic one with members, and its coordinator does not take those over
 * (`group.consumer.migration.policy`).
 */
const NOT_HERE: ReadonlySet<string> = new Set<ErrorName>(["UNSUPPORTED_VERSION", "GROUP_ID_NOT_FOUND"]);

/**
 * In a group whose coordinator assigns if there is such a thing here, else in a classic one. Who is told that there is not takes the other
 * seat, for good: the coordinator's answer to the first attempt decides (G26).
 */
class ChosenSeat implements Seat {
  readonly #init: SeatInit;
  #seat: Seat;
  #isDecided = false;

  constructor(init: SeatInit) {
    this.#init = init;
    this.#seat = new CoordinatedSeat({ ...init, holder: this.#holder() });
  }

  get memberId(): string {
    return this.#seat.memberId;
  }

  get standing(): Standing | undefined {
    return this.#seat.standing;
  }

  read(): void {
    if (this.#canMatch()) this.#seat.read();
  }

  resubscribed(): void {
    if (this.#canMatch()) this.#seat.resubscribed();
  }

  enforceRebalance(reason: string): void {
    this.#seat.enforceRebalance(reason);
  }

  learned(cluster: Cluster): void {
    this.#seat.learned(cluster);
  }

  commitRefused(error: BrokerError, generationId: number): void {
    this.#seat.commitRefused(error, generationId);
  }

  leave(deadline: Deadline, leaveGroup: boolean | undefined): Promise<void> {
    return this.#seat.leave(deadline, leaveGroup);
  }

  close(): void {
    this.#seat.close();
  }

  /** Until it is decided, nothing is held that could be lost. */
  #holder(): SeatHolder {
    const { holder } = this.#init;
    return {
      topics: () => holder.topics(),
      pattern: () => holder.pattern(),
      held: () => holder.held(),
      cluster: () => holder.cluster(),
      watchAlso: (topics) => holder.watchAlso(topics),
      letGo: (gone) => holder.letGo(gone),
      bringTo: (partitions: readonly TopicPartition[]) => {
        this.#isDecided = true;
        return holder.bringTo(partitions);
      },
      stopDelivering: (because) => {
        if (this.#isDecided) holder.stopDelivering(because);
      },
      holdBack: (until) => holder.holdBack(until),
      lastReadMs: () => holder.lastReadMs(),
      raise: (error) => this.#raise(error),
      rebalance: (news, protocol) => holder.rebalance(news, protocol),
    };
  }

  /** In a classic group there is nobody who could match a pattern. */
  #canMatch(): boolean {
    const { holder } = this.#init;
    if (holder.pattern() === undefined || !(this.#seat instanceof ClassicSeat)) return true;
    holder.raise(unmatched());
    return false;
  }

  #raise(error: KafkaError): void {
    const { holder } = this.#init;
    if (this.#isDecided || !NOT_HERE.has(error.code)) {
      holder.raise(error);
      return;
    }
    if (holder.pattern() !== undefined) {
      holder.raise(unmatched(error));
      return;
    }
    this.#isDecided = true;
    this.#seat.close();
    this.#seat = new ClassicSeat(this.#init);
    this.#seat.read();
  }
}

function unmatched(cause?: KafkaError): UnsupportedVersionError {
  const said = cause === undefined ? "" : ` (${cause.message})`;
  const problem = `here no coordinator matches a SubscriptionPattern${said}; subscribe to a RegExp instead, which is matched by the client`;
  return new UnsupportedVersionError(problem, { api: ConsumerGroupHeartbeat.name });
}
