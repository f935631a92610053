import type { PartitionLog } from "../log/partition-log.ts";
import type { Topic } from "./topic.ts";

export const NO_LEADER = -1;

/**
 * A partition and who leads it. There is one log for all replicas: they never lag, and what differs between nodes is only who may
 * serve it. (Followers' reads and lagging replicas would get logs of their own.)
 */
export class Partition {
  readonly topic: Topic;
  readonly index: number;
  readonly log: PartitionLog;
  #replicas: readonly number[];
  #isr: readonly number[];
  #leaderId: number = NO_LEADER;
  #leaderEpoch = 0;
  /** Counts every change of leader or in-sync replicas. */
  #partitionEpoch = 0;
  #wasElected = false;
  readonly #leaderListeners = new Set<() => void>();

  constructor(topic: Topic, index: number, log: PartitionLog, replicas: readonly number[]) {
    this.topic = topic;
    this.index = index;
    this.log = log;
    this.#replicas = replicas;
    this.#isr = replicas;
  }

  /** The first of them is the preferred leader. */
  get replicas(): readonly number[] {
    return this.#replicas;
  }

  get isr(): readonly number[] {
    return this.#isr;
  }

  get offlineReplicas(): readonly number[] {
    return this.#replicas.filter((id) => !this.#isr.includes(id));
  }

  /** -1 while nobody can lead. */
  get leaderId(): number {
    return this.#leaderId;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  get partitionEpoch(): number {
    return this.#partitionEpoch;
  }

  /** Told when the leader changes or is lost, so that nobody waits at the wrong node. Returns how to stop listening. */
  onLeaderChange(listener: () => void): () => void {
    this.#leaderListeners.add(listener);
    return () => this.#leaderListeners.delete(listener);
  }

  /** Chooses leader and in-sync replicas among the nodes that run: the leader stays if it can, else the first replica follows. */
  elect(isRunning: (nodeId: number) => boolean): void {
    const running = this.#replicas.filter(isRunning);
    const leaderId = running.includes(this.#leaderId) ? this.#leaderId : (running[0] ?? NO_LEADER);
    // The last in-sync replica stays so when it dies: it alone has everything.
    const isr = running.length > 0 ? running : this.#isr.slice(0, 1);
    if (leaderId !== this.#leaderId) this.#changeLeader(leaderId, isr);
    else if (isr.join() !== this.#isr.join()) this.#changeIsr(isr);
  }

  /** @returns whether the node holds a replica and could take over */
  moveLeader(nodeId: number): boolean {
    // Without a leader none of them runs, the last in-sync replica included.
    if (this.#leaderId === NO_LEADER || !this.#isr.includes(nodeId)) return false;
    if (nodeId !== this.#leaderId) this.#changeLeader(nodeId, this.#isr);
    return true;
  }

  /** A new epoch under the same leader, as after a restart or an unclean election. */
  bumpLeaderEpoch(): void {
    this.#changeLeader(this.#leaderId, this.#isr);
  }

  /** Gives the partition other replicas; those of them that run are in sync at once. */
  reassign(replicas: readonly number[], isRunning: (nodeId: number) => boolean): void {
    this.#replicas = replicas;
    this.#isr = replicas.filter(isRunning);
    const leaderId = this.#isr.includes(this.#leaderId) ? this.#leaderId : (this.#isr[0] ?? NO_LEADER);
    if (leaderId === this.#leaderId) this.#changeIsr(this.#isr);
    else this.#changeLeader(leaderId, this.#isr);
  }

  #changeLeader(leaderId: number, isr: readonly number[]): void {
    this.#leaderId = leaderId;
    // The first election is part of being created.
    if (this.#wasElected) this.#leaderEpoch++;
    this.#changeIsr(isr);
    this.log.startLeaderEpoch(this.#leaderEpoch);
    this.#wasElected = true;
    for (const listener of this.#leaderListeners) listener();
  }

  #changeIsr(isr: readonly number[]): void {
    this.#isr = isr;
    if (this.#wasElected) this.#partitionEpoch++;
  }
}
