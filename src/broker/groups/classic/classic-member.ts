import type { JoinGroupMember, JoinGroupProtocol } from "../../../protocol/index.ts";
import type { Answer, Refused } from "../answer.ts";

/** What JoinGroup tells a member of the generation that begins. */
export interface Joined {
  readonly memberId: string;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  /** For the leader only. */
  readonly members: readonly JoinGroupMember[];
}

/** The id goes back with a refusal, too; with MEMBER_ID_REQUIRED it is the one to join with. */
export interface JoinRefused extends Refused {
  readonly memberId: string;
}

export type JoinAnswer = Joined | JoinRefused;

export interface Synced {
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

export type SyncAnswer = Synced | Refused;

/** What a member brings when it joins, and may change when it joins again. */
export interface MemberTerms {
  /** Preferred first. */
  readonly protocols: readonly JoinGroupProtocol[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface MemberIdentity {
  readonly id: string;
  /** The name of a static member, null for dynamic ones. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  /** As Java prints addresses: `/127.0.0.1`. */
  readonly clientHost: string;
}

export const NO_ASSIGNMENT: Uint8Array = new Uint8Array();

export class ClassicMember implements MemberIdentity {
  readonly id: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  terms: MemberTerms;
  assignment: Uint8Array = NO_ASSIGNMENT;
  /** It has not been told its first generation yet, so it cannot heartbeat. */
  isNew = false;
  #join: Answer<JoinAnswer> | undefined;
  #sync: Answer<SyncAnswer> | undefined;

  constructor(identity: MemberIdentity, terms: MemberTerms) {
    this.id = identity.id;
    this.groupInstanceId = identity.groupInstanceId;
    this.clientId = identity.clientId;
    this.clientHost = identity.clientHost;
    this.terms = terms;
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null;
  }

  get isAwaitingJoin(): boolean {
    return this.#join !== undefined;
  }

  get isAwaitingSync(): boolean {
    return this.#sync !== undefined;
  }

  /** Who waits for the group's answer need not heartbeat. A new member must: it may have hung up, and nobody could tell. */
  get isExcusedFromHeartbeat(): boolean {
    return !this.isNew && (this.isAwaitingJoin || this.isAwaitingSync);
  }

  /** The join that waits now. One that waited before will never be answered: its sender gave it up when it sent this one. */
  awaitJoin(answer: Answer<JoinAnswer>): void {
    this.#join = answer;
  }

  awaitSync(answer: Answer<SyncAnswer>): void {
    this.#sync = answer;
  }

  /** @returns whether a join was waiting */
  answerJoin(answer: JoinAnswer): boolean {
    const waiting = this.#join;
    this.#join = undefined;
    waiting?.(answer);
    return waiting !== undefined;
  }

  /** @returns whether a sync was waiting */
  answerSync(answer: SyncAnswer): boolean {
    const waiting = this.#sync;
    this.#sync = undefined;
    waiting?.(answer);
    return waiting !== undefined;
  }

  /** What the member sent for this protocol. */
  metadataFor(protocolName: string | null): Uint8Array {
    return this.terms.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_ASSIGNMENT;
  }
}
