import type { ErrorName } from "../../../protocol/index.ts";
import type { ClassicMember } from "./classic-member.ts";
import { canJoin, chooseProtocol, type Offer } from "./protocol-choice.ts";

/** Who is in a classic group, who leads it, and who has been given an id to come with. No time and no states here. */
export class Membership {
  /** `consumer`, `connect`, …: what the first member said. It outlives the last one. */
  protocolType: string | null = null;
  readonly #members = new Map<string, ClassicMember>();
  readonly #staticIds = new Map<string, string>();
  readonly #pending = new Set<string>();
  #leaderId: string | undefined;

  get size(): number {
    return this.#members.size;
  }

  /** In the order in which they came. */
  [Symbol.iterator](): IterableIterator<ClassicMember> {
    return this.#members.values();
  }

  get(id: string): ClassicMember | undefined {
    return this.#members.get(id);
  }

  /** The static member of this name. */
  byInstanceId(groupInstanceId: string): ClassicMember | undefined {
    return this.#members.get(this.#staticIds.get(groupInstanceId) ?? "");
  }

  get leaderId(): string | undefined {
    return this.#leaderId;
  }

  /** Why this id cannot speak for a member: it is not one, or its instance id belongs to a younger process by now. */
  refusal(id: string, groupInstanceId: string | null): ErrorName | undefined {
    if (groupInstanceId !== null) {
      const present = this.#staticIds.get(groupInstanceId);
      if (present === undefined) return "UNKNOWN_MEMBER_ID";
      if (present !== id) return "FENCED_INSTANCE_ID";
    }
    return this.#members.has(id) ? undefined : "UNKNOWN_MEMBER_ID";
  }

  add(member: ClassicMember, protocolType: string): void {
    if (this.#members.size === 0) this.protocolType = protocolType;
    this.#members.set(member.id, member);
    if (member.groupInstanceId !== null) this.#staticIds.set(member.groupInstanceId, member.id);
    this.#leaderId ??= member.id;
    this.#pending.delete(member.id);
  }

  /** Also an id that was only handed out. The next member in line leads when the leader goes. */
  remove(id: string): void {
    const member = this.#members.get(id);
    this.#members.delete(id);
    if (member !== undefined && member.groupInstanceId !== null) this.#staticIds.delete(member.groupInstanceId);
    if (this.#leaderId === id) this.#leaderId = this.#members.keys().next().value;
    this.#pending.delete(id);
  }

  /** The name stays, the id changes, and so does the leader's if it was the leader. */
  replace(old: ClassicMember, replacement: ClassicMember): void {
    this.#members.delete(old.id);
    this.#members.set(replacement.id, replacement);
    if (replacement.groupInstanceId !== null) this.#staticIds.set(replacement.groupInstanceId, replacement.id);
    if (this.#leaderId === old.id) this.#leaderId = replacement.id;
  }

  clear(): void {
    this.#members.clear();
    this.#staticIds.clear();
    this.#pending.clear();
    this.#leaderId = undefined;
  }

  /** An id was handed out; the group waits for the member to come with it. */
  expect(id: string): void {
    this.#pending.add(id);
  }

  isPending(id: string): boolean {
    return this.#pending.has(id);
  }

  get pendingIds(): readonly string[] {
    return [...this.#pending];
  }

  get awaitingJoin(): number {
    return [...this].filter((member) => member.isAwaitingJoin).length;
  }

  /** Nobody is missing: no member, and nobody who was given an id. */
  get haveAllJoined(): boolean {
    return this.#pending.size === 0 && this.awaitingJoin === this.size;
  }

  /** A leader who did not join again is replaced by the first member who did. False when nobody did. */
  electLeader(): boolean {
    if (this.#leaderId === undefined) return false;
    if (this.#members.get(this.#leaderId)?.isAwaitingJoin === true) return true;
    const joined = [...this].find((member) => member.isAwaitingJoin);
    if (joined === undefined) return false;
    this.#leaderId = joined.id;
    return true;
  }

  /** As stored by an earlier coordinator. */
  appoint(leaderId: string | undefined): void {
    this.#leaderId = leaderId;
  }

  get rebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this].map(({ terms }) => terms.rebalanceTimeoutMs));
  }

  canTake(protocols: Offer): boolean {
    return canJoin(protocols, this.#offers);
  }

  chooseProtocol(): string | null {
    return chooseProtocol(this.#offers);
  }

  get #offers(): readonly Offer[] {
    return [...this].map(({ terms }) => terms.protocols);
  }
}
