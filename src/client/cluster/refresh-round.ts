import type { ClusterMetadata } from "./cluster-metadata.ts";

/**
 * One answer that is wanted, and everybody who waits for it. Until it is asked for more topics can join; afterwards only callers whose
 * topics are in the question.
 */
export class RefreshRound {
  readonly done: Promise<ClusterMetadata>;
  readonly #topics = new Set<string>();
  #isWhole = false;
  #asked: ReadonlySet<string> | undefined;
  #lastError: Error | undefined;
  #resolve: (metadata: ClusterMetadata) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => undefined); // Nobody may be waiting: a refresh on age, or callers whose deadline came first.
  }

  /** @param topics undefined for all that are watched */
  add(topics: Iterable<string> | undefined): void {
    if (topics === undefined) this.#isWhole = true;
    else for (const topic of topics) this.#topics.add(topic);
  }

  covers(topics: Iterable<string> | undefined): boolean {
    if (this.#asked === undefined) return false;
    if (topics === undefined) return this.#isWhole;
    for (const topic of topics) if (!this.#asked.has(topic)) return false;
    return true;
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** What went wrong last, for whoever gives up before it goes right. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Closes the list of topics and gives it. */
  ask(watched: Iterable<string>): readonly string[] {
    const asked = new Set(this.#topics);
    if (this.#isWhole) for (const topic of watched) asked.add(topic);
    this.#asked = asked;
    return [...asked];
  }

  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  /** The question was in vain: it will be asked again, and can take more topics. */
  failed(error: Error): void {
    this.#lastError = error;
    this.#asked = undefined;
  }

  resolve(metadata: ClusterMetadata): void {
    this.#resolve(metadata);
  }

  reject(error: Error): void {
    this.#reject(error);
  }
}
