/**
 * KIP-227: a broker remembers which partitions it was asked for, so that the next request has to name only what is different. Here is
 * what it remembers, and how each request says what is new.
 */
import { errorByName } from "../../../protocol/index.ts";
import { type PartitionQuestion, QuestionIndex } from "./asked-partition.ts";

const NO_SESSION = 0;
/** Names everything, and opens a session; closes the one whose id it gives. */
const INITIAL_EPOCH = 0;
/** Names everything, and wants no session. */
const FINAL_EPOCH = -1;
const FIRST_EPOCH = 1;
const LAST_EPOCH = 0x7fff_ffff;

const FETCH_SESSION_ID_NOT_FOUND = errorByName("FETCH_SESSION_ID_NOT_FOUND").code;

export interface SessionHead {
  readonly sessionId: number;
  readonly sessionEpoch: number;
}

/** What one request says. */
export interface SessionRequest<Question> extends SessionHead {
  /** All that is asked is named: what the answer leaves out has not been looked at. */
  readonly isFull: boolean;
  readonly named: readonly Question[];
  readonly forgotten: readonly Question[];
}

interface Member<Question> {
  /** Undefined: it is to be forgotten. */
  wanted: Question | undefined;
  /** As the broker was told last. */
  told: Question | undefined;
}

export class FetchSession<Key, Question extends PartitionQuestion> {
  /** In the order in which full requests name them: who got something goes to the end, so that everybody has a turn. */
  readonly #members = new Map<Key, Member<Question>>();
  readonly #changed = new Set<Key>();
  readonly #told = new QuestionIndex<Question>(false);
  #size = 0;
  #withoutId = 0;
  #behind = 0;
  #ofFollowers = 0;
  #id = NO_SESSION;
  #epoch = INITIAL_EPOCH;
  /** Whether topics went by their ids in it. */
  #usesIds = false;
  /** The broker wants none. */
  #isRefused = false;

  /** How many partitions are wanted. */
  get size(): number {
    return this.#size;
  }

  /** Whether all of them can be called by their topics' ids. */
  get hasIds(): boolean {
    return this.#withoutId === 0;
  }

  /** Whether there is something to be had of any of them, as far as we know. */
  get isAnyBehind(): boolean {
    return this.#behind > 0;
  }

  /** Whether any of them is asked of a replica that does not lead. */
  get isAnyOfFollower(): boolean {
    return this.#ofFollowers > 0;
  }

  get(key: Key): Question | undefined {
    return this.#members.get(key)?.wanted;
  }

  /** What the broker has been asked under that name, or id. */
  find(label: string, partition: number): Question | undefined {
    return this.#told.get(label, partition);
  }

  want(key: Key, question: Question): void {
    const member = this.#members.get(key);
    if (member?.wanted !== undefined) this.#count(member.wanted, -1);
    this.#count(question, 1);
    if (member === undefined) this.#members.set(key, { wanted: question, told: undefined });
    else member.wanted = question;
    this.#changed.add(key);
  }

  drop(key: Key): void {
    const member = this.#members.get(key);
    if (member?.wanted === undefined) return;
    this.#count(member.wanted, -1);
    member.wanted = undefined;
    if (member.told === undefined) this.#members.delete(key);
    this.#changed.add(key);
  }

  /** It got something: others come first in the next full request. In a session the broker sees to that. */
  served(key: Key): void {
    const member = this.#members.get(key);
    if (member === undefined) return;
    this.#members.delete(key);
    this.#members.set(key, member);
  }

  /** What the next request says; from here on that is what the broker knows. */
  next({ usesSessions, usesIds }: { readonly usesSessions: boolean; readonly usesIds: boolean }): SessionRequest<Question> {
    if (usesIds !== this.#usesIds) this.restart();
    this.#usesIds = usesIds;
    if (!usesSessions || this.#isRefused) return { sessionId: NO_SESSION, sessionEpoch: FINAL_EPOCH, ...this.#everything() };
    const head = { sessionId: this.#id, sessionEpoch: this.#epoch };
    return this.#epoch === INITIAL_EPOCH ? { ...head, ...this.#everything() } : { ...head, isFull: false, ...this.#changes() };
  }

  /** The broker has answered, with that session's id. */
  answered({ isFull, sessionEpoch }: SessionRequest<Question>, sessionId: number): void {
    if (sessionEpoch === FINAL_EPOCH) return;
    if (sessionId === NO_SESSION) {
      // It has no room for one, or has closed it.
      this.#id = NO_SESSION;
      this.#epoch = INITIAL_EPOCH;
    } else if (isFull) {
      this.#id = sessionId;
      this.#epoch = FIRST_EPOCH;
    } else if (sessionId !== this.#id) this.restart();
    else this.#epoch = epochAfter(this.#epoch);
  }

  /** F17, F18, F20: the broker has not answered what was asked. */
  refused({ sessionEpoch }: SessionHead, errorCode: number): void {
    if (errorCode === FETCH_SESSION_ID_NOT_FOUND) {
      this.#id = NO_SESSION;
      // It was not asked to remember any, and misses one nevertheless.
      if (sessionEpoch === INITIAL_EPOCH) this.#isRefused = true;
    }
    this.restart();
  }

  /** There was no answer: the broker may have counted the request, or not; or it is another process by now. */
  failed(): void {
    this.#isRefused = false;
    this.restart();
  }

  /** The next request names everything again, and ends the session that there was. */
  restart(): void {
    this.#epoch = INITIAL_EPOCH;
  }

  /** S6: the head of the request that ends it; undefined when there is nothing to end. */
  end(): SessionHead | undefined {
    if (this.#id === NO_SESSION) return undefined;
    const head = { sessionId: this.#id, sessionEpoch: FINAL_EPOCH };
    this.#id = NO_SESSION;
    this.#epoch = INITIAL_EPOCH;
    return head;
  }

  #count({ topicId, isBehind, isFollower }: Question, by: 1 | -1): void {
    this.#size += by;
    if (isFollower) this.#ofFollowers += by;
    if (topicId === undefined) this.#withoutId += by;
    if (isBehind) this.#behind += by;
  }

  #everything(): { readonly isFull: true; readonly named: readonly Question[]; readonly forgotten: readonly Question[] } {
    const named: Question[] = [];
    this.#told.restart(this.#usesIds);
    for (const [key, member] of this.#members) {
      if (member.wanted === undefined) this.#members.delete(key);
      else {
        named.push(member.wanted);
        this.#told.set(member.wanted);
      }
      member.told = member.wanted;
    }
    this.#changed.clear();
    return { isFull: true, named, forgotten: [] };
  }

  #changes(): { readonly named: readonly Question[]; readonly forgotten: readonly Question[] } {
    const named: Question[] = [];
    const replaced: Question[] = [];
    for (const key of this.#changed) {
      const member = this.#members.get(key);
      if (member === undefined) continue;
      const { wanted, told } = member;
      if (told !== undefined && told !== wanted) replaced.push(told);
      member.told = wanted;
      if (wanted === undefined) this.#members.delete(key);
      else {
        const known = this.#told.like(wanted);
        if (known === undefined || !isSameQuestion(wanted, known)) named.push(wanted);
        this.#told.set(wanted);
      }
    }
    this.#changed.clear();
    return { named, forgotten: this.#gone(replaced) };
  }

  /**
   * Those that nobody has asked about again. A topic that was made anew under its name is another one, where it goes by its id; and what is
   * both named and forgotten brokers drop.
   */
  #gone(replaced: readonly Question[]): readonly Question[] {
    const gone: Question[] = [];
    for (const told of replaced) {
      if (this.#told.like(told) !== told) continue;
      this.#told.delete(told);
      gone.push(told);
    }
    return gone;
  }
}

/** They begin again behind the last one; 0 would open a session. */
export function epochAfter(epoch: number): number {
  return epoch === LAST_EPOCH ? FIRST_EPOCH : epoch + 1;
}

/** For the broker: what only we remember with it makes no difference. */
function isSameQuestion(one: PartitionQuestion, other: PartitionQuestion): boolean {
  return one.offset === other.offset && one.leaderEpoch === other.leaderEpoch && one.maxBytes === other.maxBytes;
}
